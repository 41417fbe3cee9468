import COneDNN
import Foundation
import Graphs
import Tensors

/// What a convolution does to its sums before it writes them: adds a bias and a residual, and rectifies.
///
/// Inputs of the node are the image, the weights, the bias and the residual; without a bias there is no residual. The
/// result takes over the residual's memory where nothing reads that afterwards.
struct ConvolutionEpilogue {
    private static let residualInput = 3

    let hasBias: Bool
    let rectifies: Bool
    /// Nil without a residual.
    private let residualBytes: Int?

    /// - Parameter width: bytes of an element of the result.
    init(_ options: distill_convolution_options, _ context: KernelContext, width: Int) {
        hasBias = options.has_bias != 0
        rectifies = options.rectifies != 0
        precondition(hasBias || options.adds_output == 0, "a residual follows a bias")
        residualBytes = options.adds_output != 0 ? context.outputShape.count * width : nil
    }

    var adds: Bool { residualBytes != nil }
    /// What no result is below.
    var low: Float { rectifies ? 0 : -.infinity }

    /// What the convolution wants of its operands.
    ///
    /// - Parameter residual: its layout, the result's if nil.
    func demands(
        image: Layout, weights: Layout, result: Layout, residual: Layout? = nil, scratchBytes: Int
    ) -> KernelDemands {
        var inputs = [image, weights]
        if hasBias { inputs.append(.standard) }
        if adds { inputs.append(residual ?? result) }
        return KernelDemands(
            inputLayouts: inputs, outputLayouts: [result],
            inPlace: adds ? [(0, ConvolutionEpilogue.residualInput)] : [],
            scratchBytes: scratchBytes)
    }

    func bias(_ operands: Operands) -> UnsafeMutablePointer<Float>? {
        hasBias ? operands.inputs[2] : nil
    }

    func residual(_ operands: Operands) -> UnsafeMutablePointer<Float>? {
        adds ? operands.inputs[ConvolutionEpilogue.residualInput] : nil
    }

    /// Copies the residual into the result, for a library that adds sums to what it finds there.
    func placeResidual(_ operands: Operands) {
        guard let residualBytes, let residual = residual(operands),
            residual != operands.outputs[0]
        else { return }
        memcpy(operands.outputs[0], residual, residualBytes)
    }
}
