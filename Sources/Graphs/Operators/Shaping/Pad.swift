package import Tensors

/// A tensor with a constant border.
///
/// - Shapes: `y.shape[i] = before[i] + x.shape[i] + after[i]`
package struct Pad: Operator {
    package static let kind = "Pad"
    package let before: [Int]
    package let after: [Int]
    package let value: Double

    package init(before: [Int], after: [Int], value: Double = 0) {
        self.before = before
        self.after = after
        self.value = value
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("before", .integers(before)), ("after", .integers(after)), ("value", .number(value))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = inputs[0].shape
        try expectAttribute("padding before", before, count: before.count, atLeast: 0)
        try expectAttribute("as much padding after", after, count: before.count, atLeast: 0)
        guard shape.rank == before.count else {
            throw GraphError(
                .shape, "Pad by \(before) and \(after) expects \(before.count) axes, got \(shape)")
        }
        let extents = shape.dimensions.indices.map { before[$0] + shape[$0] + after[$0] }
        return [TensorType(Shape(extents), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var result = Tensor(shape: outputs[0].shape, repeating: value)
        for (index, place) in Pad.places(of: inputs[0].shape, in: outputs[0].shape, at: before) {
            result.values[place] = inputs[0].values[index]
        }
        return [result]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(PadGradient(before: before), $0, node.inputs[0]) }]
    }

    /// For each element of an inner tensor its index and where it lies in the outer one.
    static func places(
        of inner: Shape, in outer: Shape, at corner: [Int]
    ) -> [(index: Int, place: Int)] {
        let strides = outer.strides
        return (0..<inner.count).map { index in
            var rest = index
            var place = 0
            for axis in inner.dimensions.indices.reversed() {
                place += (corner[axis] + rest % inner[axis]) * strides[axis]
                rest /= inner[axis]
            }
            return (index, place)
        }
    }
}

/// The gradient of `Pad`: the inside of the border.
///
/// - Shapes: inputs g and the padded tensor, for its shape; dx as the latter.
package struct PadGradient: Operator {
    package static let kind = "PadGradient"
    package let before: [Int]

    package init(before: [Int]) {
        self.before = before
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("before", .integers(before))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let outer = inputs[0].shape
        let inner = inputs[1].shape
        guard outer.rank == before.count, inner.rank == before.count,
            before.indices.allSatisfy({ before[$0] + inner[$0] <= outer[$0] })
        else {
            throw GraphError(
                .shape,
                "PadGradient by \(before) expects a larger gradient, got \(outer) for \(inner)")
        }
        return [TensorType(inner, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let places = Pad.places(of: outputs[0].shape, in: inputs[0].shape, at: before)
        return [
            Tensor(shape: outputs[0].shape, values: places.map { inputs[0].values[$0.place] })
        ]
    }
}

extension Graph {
    /// Surrounds a tensor with a constant, `before` and `after` each axis.
    package mutating func pad(
        _ x: Value, before: [Int], after: [Int], value: Double = 0
    ) throws -> Value {
        try add(Pad(before: before, after: after, value: value), x)
    }
}
