package import Tensors

/// The sum over those axes in which a reference has extent 1 or none: the opposite of broadcasting.
///
/// - Shapes: inputs x and a reference that broadcasts to x's shape; y as the reference.
package struct ReduceLike: Operator {
    package static let kind = "ReduceLike"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        guard inputs[0].shape.broadcast(with: inputs[1].shape) == inputs[0].shape else {
            throw GraphError(
                .shape,
                "ReduceLike expects a reference that broadcasts to \(inputs[0].shape), got "
                    + "\(inputs[1].shape)")
        }
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let map = Broadcasting(outputs[0].shape, to: inputs[0].shape)
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        for index in inputs[0].values.indices {
            result.values[map.source(of: index)] += inputs[0].values[index]
        }
        return [result]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0], needed[0] else { return [nil, nil] }
        return [try graph.broadcast(g, like: node.inputs[0]), nil]
    }
}

/// A tensor repeated along the axes in which a reference is larger.
///
/// - Shapes: inputs x, which broadcasts to the reference's shape, and the reference; y as the reference.
package struct BroadcastLike: Operator {
    package static let kind = "BroadcastLike"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        guard inputs[0].shape.broadcast(with: inputs[1].shape) == inputs[1].shape else {
            throw GraphError(
                .shape,
                "BroadcastLike expects a tensor that broadcasts to \(inputs[1].shape), got "
                    + "\(inputs[0].shape)")
        }
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let map = Broadcasting(inputs[0].shape, to: shape)
        let values = (0..<shape.count).map { inputs[0].values[map.source(of: $0)] }
        return [Tensor(shape: shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0], needed[0] else { return [nil, nil] }
        return [try graph.reduce(g, like: node.inputs[0]), nil]
    }
}

extension Graph {
    /// Sums `x` over the axes along which `reference` was broadcast. Equal shapes: `x` itself.
    package mutating func reduce(_ x: Value, like reference: Value) throws -> Value {
        matches(x, reference) ? x : try add(ReduceLike(), x, reference)
    }

    /// Repeats `x` to the shape of `reference`. Equal shapes: `x` itself.
    package mutating func broadcast(_ x: Value, like reference: Value) throws -> Value {
        matches(x, reference) ? x : try add(BroadcastLike(), x, reference)
    }

    /// Whether two values have equal shapes for every batch: an extent of 1 that is equal now may belong
    /// to a batch of one on one side and be fixed on the other, and would differ once rebound.
    private func matches(_ x: Value, _ reference: Value) -> Bool {
        shape(of: x) == shape(of: reference) && !shape(of: x).dimensions.contains(1)
    }
}
