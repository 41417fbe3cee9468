package import Graphs
package import Tensors

/// A square matrix with one value all along its diagonal, whatever its size.
///
/// `y[i, j] = i = j ? value : x[i, j]`. Relations between samples leave out that of a sample to itself.
/// - Shapes: `[batch, batch]` to the same; a batch of one is refused, since it has no relations.
package struct FillDiagonal: Operator {
    package static let kind = "FillDiagonal"
    package let value: Double

    package init(_ value: Double) {
        self.value = value
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("value", .number(value))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        guard shape.rank == 2, shape[0] == shape[1] else {
            throw GraphError(.shape, "FillDiagonal expects a square matrix, got \(shape)")
        }
        guard shape[0] > 1 else {
            throw GraphError(
                .shape, "a batch of one has no relations; use at least two samples a batch")
        }
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var result = inputs[0]
        let size = result.shape[0]
        for index in 0..<size { result.values[index * (size + 1)] = value }
        return [result]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(FillDiagonal(0), $0) }]
    }
}
