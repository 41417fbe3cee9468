package import Tensors

/// An element-wise choice between two tensors.
///
/// `y[i] = condition[i] != 0 ? a[i] : b[i]`
/// - Shapes: condition, a and b broadcastable; y their common shape.
package struct Select: Operator {
    package static let kind = "Select"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        guard
            let branches = inputs[1].shape.broadcast(with: inputs[2].shape),
            let shape = branches.broadcast(with: inputs[0].shape)
        else {
            throw GraphError(
                .shape,
                "Select expects shapes that broadcast, got condition \(inputs[0].shape), "
                    + "\(inputs[1].shape) and \(inputs[2].shape)")
        }
        return [TensorType(shape, inputs[1].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let maps = inputs.map { Broadcasting($0.shape, to: shape) }
        let values = (0..<shape.count).map { index in
            let branch = inputs[0].values[maps[0].source(of: index)] != 0 ? 1 : 2
            return inputs[branch].values[maps[branch].source(of: index)]
        }
        return [Tensor(shape: shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil, nil] }
        let condition = node.inputs[0]
        let zero = try graph.constant(0)
        var flows: [Value?] = [nil, nil, nil]
        if needed[1] {
            let flow = try graph.select(condition, g, zero)
            flows[1] = try graph.reduce(flow, like: node.inputs[1])
        }
        if needed[2] {
            let flow = try graph.select(condition, zero, g)
            flows[2] = try graph.reduce(flow, like: node.inputs[2])
        }
        return flows
    }
}

extension Graph {
    /// `a` where the condition is not zero, else `b`.
    package mutating func select(_ condition: Value, _ a: Value, _ b: Value) throws -> Value {
        try add(Select(), condition, a, b)
    }
}
