import CKernels
import COneDNN
import Foundation
import Tensors

/// A convolution by 3 x 3 with constant weights, in bfloat16, by Winograd's minimal filtering F(2 x 2, 3 x 3), with what
/// may follow it: a bias, a residual, a rectifier.
///
/// 16 products in place of 36 for each pair of channels. Images are rounded once more after they are transformed, so
/// that the error of a result is 1.7 times that of a direct convolution (.004 of its size in place of .0024): a frozen
/// network may have that, gradients do without.
final class WinogradConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let work: distill_winograd
    private let hasBias: Bool
    private let low: Float
    private let residual: (input: Int, byteCount: Int)?

    /// Whether this is faster than oneDNN, by measurement: many tiles of wide layers.
    static func suits(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        let isPlain =
            options.kind == Int32(DISTILL_FORWARD_INFERENCE.rawValue) && options.half != 0
            && shape.groups == 1 && shape.kernel == (3, 3) && shape.stride == (1, 1)
            && shape.dilation == (1, 1)
        let tiles = shape.batch * ((shape.out_height + 1) / 2) * ((shape.out_width + 1) / 2)
        // In maps of 2 x 2 more than half of the direct products are padding, which nobody computes.
        let cells = shape.out_height * shape.out_width
        return isPlain && distill_winograd_runs() != 0 && cells > 4 && tiles >= 64
            && shape.inputs >= 64 && shape.inputs % 32 == 0
            && shape.outputs >= 64 && shape.outputs % 32 == 0
    }

    init(_ context: KernelContext, _ options: distill_convolution_options) {
        let shape = options.shape
        work = distill_winograd(
            batch: shape.batch, inputs: shape.inputs, outputs: shape.outputs,
            height: shape.height, width: shape.width, out_height: shape.out_height,
            out_width: shape.out_width, pad_top: shape.pad_top, pad_left: shape.pad_left)
        hasBias = options.has_bias != 0
        low = options.rectifies != 0 ? 0 : -.infinity
        let adds = options.adds_output != 0
        residual = adds ? (3, context.outputShape.count * MemoryLayout<UInt16>.stride) : nil
        let weights = WinogradWeights(inputs: Int(shape.inputs), outputs: Int(shape.outputs))
        var layouts: [Layout] = [.bfloat16, .prepared(WeightForm(weights))]
        if hasBias { layouts.append(.standard) }
        if adds { layouts.append(.bfloat16) }
        let scratch = withUnsafePointer(to: work) { distill_winograd_scratch($0) }
        demands = KernelDemands(
            inputLayouts: layouts, outputLayouts: [.bfloat16], inPlace: adds ? [(0, 3)] : [],
            scratchBytes: Int(scratch))
    }

    func run(_ operands: Operands) {
        if let residual, operands.inputs[residual.input] != operands.outputs[0] {
            memcpy(operands.outputs[0], operands.inputs[residual.input], residual.byteCount)
        }
        withUnsafePointer(to: work) {
            distill_winograd_run(
                $0, operands.inputs[0], operands.inputs[1],
                hasBias ? UnsafePointer(operands.inputs[2]) : nil, residual == nil ? 0 : 1, low,
                operands.outputs[0], operands.scratch)
        }
    }
}

/// Filters as Winograd's products want them: G weights G^T in bfloat16, in panels of outputs.
private struct WinogradWeights: PreparedWeights, Equatable {
    let inputs: Int
    let outputs: Int

    var byteCount: Int { Int(distill_winograd_weight_bytes(Int64(inputs), Int64(outputs))) }

    func preparation(_ engine: Engine) -> any Kernel { WinogradWeightsKernel(self) }
}

/// Transforms filters.
private final class WinogradWeightsKernel: Kernel {
    let demands: KernelDemands
    private let weights: WinogradWeights

    init(_ weights: WinogradWeights) {
        self.weights = weights
        demands = KernelDemands(
            inputLayouts: [.standard], outputLayouts: [.prepared(WeightForm(weights))])
    }

    func run(_ operands: Operands) {
        distill_winograd_transform(
            Int64(weights.inputs), Int64(weights.outputs), operands.inputs[0],
            operands.outputs[0])
    }
}
