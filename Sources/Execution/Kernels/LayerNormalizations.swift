import CKernels
import Graphs
import Tensors

/// Layer normalisation, and its gradients over what lies innermost in memory.
final class LayerNormalizationKernel: Kernel {
    let demands: KernelDemands
    private let rows: Int64
    private let extent: Int64
    /// How many elements lie between neighbours of a row.
    private let inner: Int64
    private let epsilon: Float
    private let isGradient: Bool

    private init(_ shape: Shape, axis: Int, epsilon: Double, isGradient: Bool) {
        let extent = shape[axis]
        rows = Int64(shape.count / extent)
        self.extent = Int64(extent)
        inner = Int64(shape.physicalStrides[axis])
        self.epsilon = Float(epsilon)
        self.isGradient = isGradient
        demands = KernelDemands(
            inPlace: isGradient ? [(0, 0), (0, 1)] : [(0, 0)],
            scratchBytes: isGradient ? Int(distill_normalize_layer_scratch(Int64(extent))) : 0)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.outputShape
        let found: (axis: Int, epsilon: Double, isGradient: Bool)? =
            switch context.node.operation {
            case let forward as LayerNormalization: (forward.axis, forward.epsilon, false)
            case let gradient as LayerNormalizationGradient:
                (gradient.axis, gradient.epsilon, true)
            default: nil
            }
        guard let found, shape.count > 0, shape.rank > 0 else { return nil }
        let axis = shape.front(axis: found.axis)
        // Four axes lie channels-last.
        guard axis == shape.physicalAxes.last || !found.isGradient else { return nil }
        return LayerNormalizationKernel(
            shape, axis: axis, epsilon: found.epsilon, isGradient: found.isGradient)
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        let outputs = operands.outputs
        if isGradient {
            distill_normalize_layer_gradient(
                rows, extent, inputs[0], inputs[1], inputs[2], epsilon, outputs[0], outputs[1],
                outputs[2], operands.scratch)
        } else if inner > 1 {
            distill_normalize_layer_across(
                rows / inner, extent, inner, inputs[0], inputs[1], inputs[2], epsilon, outputs[0])
        } else {
            distill_normalize_layer(
                rows, extent, inputs[0], inputs[1], inputs[2], epsilon, outputs[0])
        }
    }
}
