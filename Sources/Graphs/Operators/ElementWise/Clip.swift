package import Tensors

/// A tensor limited to a range. The gradient passes where the input lies inside, ends excluded, as torch's
/// hardtanh has it.
///
/// `y[i] = min(max(x[i], minimum), maximum)`
package struct Clip: Operator {
    package static let kind = "Clip"
    package let minimum: Double
    package let maximum: Double

    package init(minimum: Double = -.infinity, maximum: Double = .infinity) {
        self.minimum = minimum
        self.maximum = maximum
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("minimum", .number(minimum)), ("maximum", .number(maximum))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        guard minimum <= maximum else {
            throw GraphError(.shape, "Clip to [\(minimum), \(maximum)] leaves no values")
        }
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].map { Swift.min(Swift.max($0, minimum), maximum) }]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil] }
        return [try graph.add(ClipGradient(self), node.output(), g)]
    }
}

/// The gradient of `Clip`, by its output, so that the input need not be kept.
///
/// `dx[i] = minimum < y[i] < maximum ? g[i] : 0`
/// - Shapes: inputs y and g, equal.
package struct ClipGradient: Operator {
    package static let kind = "ClipGradient"
    package let clip: Clip

    package init(_ clip: Clip) {
        self.clip = clip
    }

    package var attributes: [(name: String, value: AttributeValue)] { clip.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        try expect("the gradient", inputs[1], shape: inputs[0].shape)
        return [inputs[1]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let y = inputs[0].values
        var result = inputs[1]
        for index in y.indices where y[index] <= clip.minimum || y[index] >= clip.maximum {
            result.values[index] = 0
        }
        return [result]
    }
}

extension Graph {
    /// Limits every element to `[minimum, maximum]`.
    package mutating func clip(
        _ x: Value, minimum: Double = -.infinity, maximum: Double = .infinity
    ) throws -> Value {
        try add(Clip(minimum: minimum, maximum: maximum), x)
    }
}
