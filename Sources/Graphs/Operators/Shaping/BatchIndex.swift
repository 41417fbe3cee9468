package import Tensors

/// The number of each sample in its batch: 0, 1, 2, ...
///
/// - Shapes: input `[batch, ...]`, of which only the first extent is read; y `[batch]`.
package struct BatchIndex: Operator {
    package static let kind = "BatchIndex"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        try expect("a batch", inputs[0], rank: 1...16, as: "[batch, ...]")
        return [TensorType([inputs[0].shape[0]], .int64)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let count = outputs[0].shape[0]
        return [Tensor(shape: [count], values: (0..<count).map { Double($0) })]
    }

    /// A number of a sample has no slope.
    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] { [nil] }
}
