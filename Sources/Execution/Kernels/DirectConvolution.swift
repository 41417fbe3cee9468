import CKernels
import COneDNN
import Foundation
import Tensors

/// A convolution with constant weights in bfloat16 that reads its windows where they lie, with what may follow it: a
/// bias, a residual, a rectifier.
///
/// Sums stay in registers until the residual is added to them, so that wide results are written once: with a residual a
/// 1 x 1 convolution takes .75 to .95 of oneDNN's time, without one as long.
final class DirectConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let work: distill_direct
    private let hasBias: Bool
    private let low: Float
    private let residual: (input: Int, byteCount: Int)?

    /// Whether this is faster than oneDNN, by measurement: wide layers that add a residual or skip cells.
    static func suits(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        let isPlain =
            options.kind == Int32(DISTILL_FORWARD_INFERENCE.rawValue) && options.half != 0
            && shape.groups == 1 && (options.adds_output != 0 || shape.stride != (1, 1))
        return isPlain && Processor.hasBFloat16
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
        hasBias = options.has_bias != 0
        low = options.rectifies != 0 ? 0 : -.infinity
        let adds = options.adds_output != 0
        residual = adds ? (3, context.outputShape.count * MemoryLayout<UInt16>.stride) : nil
        let weights = PairWeights(try WeightLayout.plain(DISTILL_CELLS_FIRST, shape))
        var layouts: [Layout] = [.bfloat16, .prepared(WeightForm(weights))]
        if hasBias { layouts.append(.standard) }
        if adds { layouts.append(.bfloat16) }
        demands = KernelDemands(
            inputLayouts: layouts, outputLayouts: [.bfloat16], inPlace: adds ? [(0, 3)] : [],
            scratchBytes: Int(withUnsafePointer(to: work) { distill_direct_scratch($0) }))
    }

    func run(_ operands: Operands) {
        if let residual, operands.inputs[residual.input] != operands.outputs[0] {
            memcpy(operands.outputs[0], operands.inputs[residual.input], residual.byteCount)
        }
        withUnsafePointer(to: work) {
            distill_direct_run(
                $0, operands.inputs[0], operands.inputs[1],
                hasBias ? UnsafePointer(operands.inputs[2]) : nil, residual == nil ? 0 : 1, low,
                operands.outputs[0], operands.scratch)
        }
    }
}
