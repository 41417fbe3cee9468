import CKernels
import COneDNN
import Tensors

/// A convolution by 3 x 3 with constant weights, in bfloat16, by Winograd's minimal filtering F(2 x 2, 3 x 3).
///
/// 16 products in place of 36 for each pair of channels. Images are rounded once more after they are transformed, so
/// that the error of a result is 1.7 times that of a direct convolution (.004 of its size in place of .0024): a
/// frozen network may have that, gradients do without.
final class WinogradConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let work: distill_winograd
    private let epilogue: ConvolutionEpilogue

    /// Whether this is faster than oneDNN, by measurement: many tiles of wide layers.
    static func suits(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        let isPlain =
            options.isFrozenHalf && shape.kernel == (3, 3) && shape.stride == (1, 1)
            && shape.dilation == (1, 1)
        let tiles = shape.batch * ((shape.out_height + 1) / 2) * ((shape.out_width + 1) / 2)
        // In maps of 2 x 2 more than half of the direct products are padding, which nobody computes.
        let cells = shape.out_height * shape.out_width
        return isPlain && cells > 4 && tiles >= 64
            && shape.inputs >= 64 && shape.inputs % 32 == 0
            && shape.outputs >= 64 && shape.outputs % 32 == 0
    }

    init(_ context: KernelContext, _ options: distill_convolution_options) {
        let shape = options.shape
        work = distill_winograd(
            batch: shape.batch, inputs: shape.inputs, outputs: shape.outputs,
            height: shape.height, width: shape.width, out_height: shape.out_height,
            out_width: shape.out_width, pad_top: shape.pad_top, pad_left: shape.pad_left)
        epilogue = ConvolutionEpilogue(options, context, width: MemoryLayout<UInt16>.stride)
        let weights = WinogradWeights(inputs: shape.inputs, outputs: shape.outputs)
        demands = epilogue.demands(
            image: .bfloat16, weights: .prepared(WeightForm(weights)), result: .bfloat16,
            scratchBytes: Int(withUnsafePointer(to: work) { distill_winograd_scratch($0) }))
    }

    func run(_ operands: Operands) {
        withUnsafePointer(to: work) {
            distill_winograd_run(
                $0, operands.inputs[0], operands.inputs[1], epilogue.bias(operands),
                epilogue.residual(operands), epilogue.low, operands.outputs[0], operands.scratch)
        }
    }
}

/// Filters as Winograd's products want them: G weights G^T in bfloat16, in panels of outputs.
private struct WinogradWeights: PreparedWeights, Equatable {
    let inputs: Int64
    let outputs: Int64

    var byteCount: Int { Int(distill_winograd_weight_bytes(inputs, outputs)) }

    func preparation(_ engine: Engine) -> any Kernel {
        PreparationKernel(self) {
            distill_winograd_transform(inputs, outputs, $0.inputs[0], $0.outputs[0])
        }
    }
}
