package import Tensors

/// A tensor limited to a range. The gradient passes where the input lies inside, ends included.
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
        let x = node.inputs[0]
        var flow = g
        if minimum > -.infinity {
            let below = try graph.unary(.step, graph.affine(x, scale: -1, offset: minimum))
            flow = try graph.multiply(flow, graph.affine(below, scale: -1, offset: 1))
        }
        if maximum < .infinity {
            let above = try graph.unary(.step, graph.affine(x, offset: -maximum))
            flow = try graph.multiply(flow, graph.affine(above, scale: -1, offset: 1))
        }
        return [flow]
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
