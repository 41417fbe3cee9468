package import Tensors

/// A scaled and shifted tensor, with factors known when the graph is built.
///
/// `y[i] = scale x[i] + offset`
package struct Affine: Operator {
    package static let kind = "Affine"
    package let scale: Double
    package let offset: Double

    package init(scale: Double = 1, offset: Double = 0) {
        self.scale = scale
        self.offset = offset
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("scale", .number(scale)), ("offset", .number(offset))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].map { scale * $0 + offset }]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil] }
        return [scale == 1 ? g : try graph.affine(g, scale: scale)]
    }
}

extension Graph {
    /// `scale * x + offset`
    package mutating func affine(
        _ x: Value, scale: Double = 1, offset: Double = 0
    ) throws -> Value {
        try add(Affine(scale: scale, offset: offset), x)
    }
}
