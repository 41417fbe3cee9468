package import Tensors

/// The rectified linear unit.
///
/// `y[i] = max(x[i], 0)`
package struct Rectifier: Operator {
    package static let kind = "Rectifier"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].map { Swift.max($0, 0) }]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil] }
        return [try graph.add(RectifierGradient(), node.output(), g)]
    }
}

/// The gradient of `Rectifier`, by its output, so that the input need not be kept.
///
/// `dx[i] = y[i] > 0 ? g[i] : 0`
/// - Shapes: inputs y and g, equal.
package struct RectifierGradient: Operator {
    package static let kind = "RectifierGradient"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        try expect("the gradient", inputs[1], shape: inputs[0].shape)
        return [inputs[1]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let values = zip(inputs[0].values, inputs[1].values).map { $0 > 0 ? $1 : 0 }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}

extension Graph {
    /// max(x, 0)
    package mutating func rectify(_ x: Value, name: String? = nil) throws -> Value {
        try add(Rectifier(), x, name: name)
    }
}
