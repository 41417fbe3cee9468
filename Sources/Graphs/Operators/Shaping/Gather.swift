package import Tensors

/// Slices of a tensor picked by index along an axis.
///
/// `y[.., i.., ..] = x[.., indices[i..], ..]`
/// - Shapes: the axis is replaced by the shape of the indices. Negative indices count from the end.
package struct Gather: Operator {
    package static let kind = "Gather"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let axis = try resolve(axis, in: inputs[0].shape)
        var dimensions = inputs[0].shape.dimensions
        dimensions.replaceSubrange(axis...axis, with: inputs[1].shape.dimensions)
        return [TensorType(Shape(dimensions), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let view = AxisView(inputs[0].shape, axis: axis)
        let rows = try Gather.rows(inputs[1], of: view.extent)
        var values: [Double] = []
        values.reserveCapacity(outputs[0].shape.count)
        for outer in 0..<view.outer {
            for row in rows {
                let start = (outer * view.extent + row) * view.inner
                values += inputs[0].values[start..<(start + view.inner)]
            }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0], needed[0] else { return [nil, nil] }
        return [
            try graph.add(GatherGradient(axis: axis), g, node.inputs[1], node.inputs[0]), nil,
        ]
    }

    /// Indices as whole numbers from the front.
    static func rows(_ indices: Tensor<Double>, of extent: Int) throws -> [Int] {
        try indices.values.map { value in
            guard let index = Int(exactly: value), index >= -extent, index < extent else {
                throw GraphError(
                    .shape, "index \(value) is outside an axis of extent \(extent)")
            }
            return index < 0 ? index + extent : index
        }
    }
}

/// The gradient of `Gather`: each slice of the gradient added to the row it came from.
///
/// - Shapes: inputs g, the indices, and the gathered tensor, for its shape; dx as the latter.
package struct GatherGradient: Operator {
    package static let kind = "GatherGradient"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        let gathered = try Gather(axis: axis).infer([inputs[2], inputs[1]])[0].shape
        try expect("the gradient", inputs[0], shape: gathered)
        return [TensorType(inputs[2].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let view = AxisView(outputs[0].shape, axis: axis)
        let rows = try Gather.rows(inputs[1], of: view.extent)
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        for outer in 0..<view.outer {
            for (position, row) in rows.enumerated() {
                let target = (outer * view.extent + row) * view.inner
                let source = (outer * rows.count + position) * view.inner
                for index in 0..<view.inner {
                    result.values[target + index] += inputs[0].values[source + index]
                }
            }
        }
        return [result]
    }
}

extension Graph {
    /// Picks slices along an axis by index.
    package mutating func gather(_ x: Value, indices: Value, axis: Int) throws -> Value {
        try add(Gather(axis: axis), x, indices)
    }
}
