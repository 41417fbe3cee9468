import CKernels
import COneDNN
import Tensors

/// A convolution with constant weights in bfloat16 that reads its windows where they lie.
///
/// Sums stay in registers until the residual is added to them, so that wide results are written once.
final class DirectConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let work: distill_direct
    private let epilogue: ConvolutionEpilogue

    /// Whether this is faster than oneDNN, by measurement: wide layers that add a residual or skip cells.
    static func suits(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        return options.isFrozenHalf && (options.adds_output != 0 || shape.stride != (1, 1))
            && shape.batch * shape.out_height * shape.out_width >= 64
            && shape.inputs >= 64 && shape.inputs % 2 == 0
            && shape.outputs >= 64 && shape.outputs % 32 == 0
    }

    init(_ context: KernelContext, _ options: distill_convolution_options) throws {
        let shape = options.shape
        work = distill_direct(
            batch: shape.batch, inputs: shape.inputs, outputs: shape.outputs,
            height: shape.height, width: shape.width, out_height: shape.out_height,
            out_width: shape.out_width, kernel: shape.kernel, stride: shape.stride,
            dilation: shape.dilation, pad_top: shape.pad_top, pad_left: shape.pad_left)
        epilogue = ConvolutionEpilogue(options, context, width: MemoryLayout<UInt16>.stride)
        let weights = PairWeights(try WeightLayout.plain(DISTILL_CELLS_FIRST, shape))
        demands = epilogue.demands(
            image: .bfloat16, weights: .prepared(WeightForm(weights)), result: .bfloat16,
            scratchBytes: Int(withUnsafePointer(to: work) { distill_direct_scratch($0) }))
    }

    func run(_ operands: Operands) {
        withUnsafePointer(to: work) {
            distill_direct_run(
                $0, operands.inputs[0], operands.inputs[1], epilogue.bias(operands),
                epilogue.residual(operands), epilogue.low, operands.outputs[0], operands.scratch)
        }
    }
}
