import CKernels
import Graphs
import Tensors

/// Layer normalisation over what lies innermost in memory, and its gradients.
final class LayerNormalizationKernel: Kernel {
    let demands: KernelDemands
    private let rows: Int64
    private let extent: Int64
    private let epsilon: Float
    private let isGradient: Bool

    private init(_ shape: Shape, extent: Int, epsilon: Double, isGradient: Bool) {
        rows = Int64(shape.count / extent)
        self.extent = Int64(extent)
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
        guard axis == shape.physicalAxes.last else { return nil }
        return LayerNormalizationKernel(
            shape, extent: shape[axis], epsilon: found.epsilon, isGradient: found.isGradient)
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        let outputs = operands.outputs
        if isGradient {
            distill_normalize_layer_gradient(
                rows, extent, inputs[0], inputs[1], inputs[2], epsilon, outputs[0], outputs[1],
                outputs[2], operands.scratch)
        } else {
            distill_normalize_layer(
                rows, extent, inputs[0], inputs[1], inputs[2], epsilon, outputs[0])
        }
    }
}
