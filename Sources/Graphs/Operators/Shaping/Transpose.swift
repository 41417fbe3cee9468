package import Tensors

/// A tensor with its axes in another order.
///
/// - Shapes: `y.shape[i] = x.shape[permutation[i]]`
package struct Transpose: Operator {
    package static let kind = "Transpose"
    package let permutation: [Int]

    package init(_ permutation: [Int]) {
        self.permutation = permutation
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("permutation", .integers(permutation))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = inputs[0].shape
        guard permutation.sorted() == Array(permutation.indices) else {
            throw GraphError(.shape, "Transpose expects a permutation, got \(permutation)")
        }
        guard shape.rank == permutation.count else {
            throw GraphError(
                .shape,
                "Transpose by \(permutation) expects \(permutation.count) axes, got \(shape)")
        }
        return [TensorType(Shape(permutation.map { shape[$0] }), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let shape = outputs[0].shape
        let strides = permutation.map { x.shape.strides[$0] }
        let values = (0..<shape.count).map { index in
            var rest = index
            var offset = 0
            for axis in shape.dimensions.indices.reversed() {
                offset += (rest % shape[axis]) * strides[axis]
                rest /= shape[axis]
            }
            return x.values[offset]
        }
        return [Tensor(shape: shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        var inverse = permutation
        for (position, axis) in permutation.enumerated() { inverse[axis] = position }
        return [try gradients[0].map { try graph.transpose($0, inverse) }]
    }
}

extension Graph {
    /// Reorders the axes: axis i of the result is axis `permutation[i]` of `x`.
    package mutating func transpose(_ x: Value, _ permutation: [Int]) throws -> Value {
        try add(Transpose(permutation), x)
    }
}
