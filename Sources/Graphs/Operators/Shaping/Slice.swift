package import Tensors

/// A range along one axis.
///
/// - Shapes: the axis shrinks to `length`, or to what follows `start`.
package struct Slice: Operator {
    package static let kind = "Slice"
    package let axis: Int
    /// The first index; a negative one counts from the end.
    package let start: Int
    /// How many; nil: to the end.
    package let length: Int?

    package init(axis: Int, start: Int, length: Int? = nil) {
        self.axis = axis
        self.start = start
        self.length = length
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis)), ("start", .integer(start))]
            + (length.map { [("length", .integer($0))] } ?? [])
    }

    /// The range of a tensor of this shape.
    package func range(in shape: Shape) -> Range<Int> {
        let extent = shape[axis]
        let first = start < 0 ? start + extent : start
        return first..<(length.map { first + $0 } ?? extent)
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        var shape = inputs[0].shape
        let axis = try resolve(axis, in: shape)
        let extent = shape[axis]
        let first = start < 0 && start >= -extent ? start + extent : start
        guard (0...extent).contains(first), (0...(extent - first)).contains(length ?? 0) else {
            throw GraphError(
                .shape,
                "Slice of \(length.map(String.init) ?? "the rest") from \(start) leaves axis \(axis) "
                    + "of \(shape)")
        }
        shape[axis] = length ?? (extent - first)
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let view = AxisView(x.shape, axis: axis)
        let range = range(in: x.shape)
        var values: [Double] = []
        values.reserveCapacity(outputs[0].shape.count)
        for outer in 0..<view.outer {
            let base = outer * view.extent
            values +=
                x.values[
                    ((base + range.lowerBound) * view.inner)..<((base + range.upperBound)
                        * view.inner)]
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [
            try gradients[0].map {
                try graph.add(SliceGradient(axis: axis, start: start), $0, node.inputs[0])
            }
        ]
    }
}

/// The gradient of `Slice`: zeros with the gradient written at its place.
///
/// - Shapes: inputs g and the sliced tensor, for its shape; dx as the latter.
package struct SliceGradient: Operator {
    package static let kind = "SliceGradient"
    package let axis: Int
    package let start: Int

    package init(axis: Int, start: Int) {
        self.axis = axis
        self.start = start
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis)), ("start", .integer(start))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let axis = try resolve(axis, in: inputs[1].shape)
        guard inputs[0].shape.rank == inputs[1].shape.rank else {
            throw GraphError(
                .shape,
                "SliceGradient expects equal ranks, got \(inputs[0].shape) and \(inputs[1].shape)")
        }
        let slice = Slice(axis: axis, start: start, length: inputs[0].shape[axis])
        try expect("the gradient", inputs[0], shape: slice.infer([inputs[1]])[0].shape)
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let view = AxisView(shape, axis: axis)
        let length = inputs[0].shape[axis]
        let first = Slice(axis: axis, start: start).range(in: shape).lowerBound
        var result = Tensor<Double>(shape: shape, repeating: 0)
        let block = length * view.inner
        for outer in 0..<view.outer {
            let target = (outer * view.extent + first) * view.inner
            for index in 0..<block {
                result.values[target + index] = inputs[0].values[outer * block + index]
            }
        }
        return [result]
    }
}

extension Graph {
    /// A range along an axis; without a length, to the end.
    package mutating func slice(
        _ x: Value, axis: Int, start: Int, length: Int? = nil
    ) throws -> Value {
        try add(Slice(axis: axis, start: start, length: length), x)
    }
}
