package import Graphs
package import Tensors

/// Keeps one side of a diagonal of the last two axes and puts zeros on the other.
package struct TriangleMask: Operator {
    package static let kind = "TriangleMask"
    package let upper: Bool
    package let diagonal: Int

    package init(upper: Bool, diagonal: Int) {
        self.upper = upper
        self.diagonal = diagonal
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("upper", .flag(upper)), ("diagonal", .integer(diagonal))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard inputs[0].shape.rank >= 2 else {
            throw GraphError(.shape, "expects matrices, got \(inputs[0].shape)")
        }
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let columns = inputs[0].shape[-1]
        let rows = inputs[0].shape[-2]
        var result = inputs[0]
        for offset in result.values.indices {
            let column = offset % columns
            let row = offset / columns % rows
            let isKept = upper ? column - row >= diagonal : column - row <= diagonal
            if !isKept { result.values[offset] = 0 }
        }
        return [result]
    }
}
