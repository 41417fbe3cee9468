package import Graphs
package import Tensors

/// Writes one value at the position that an index names and another everywhere else.
package struct OneHotRows: Operator {
    package static let kind = "OneHotRows"
    package let axis: Int
    package let depth: Int
    package let off: Double
    package let on: Double

    package init(axis: Int, depth: Int, off: Double, on: Double) {
        self.axis = axis
        self.depth = depth
        self.off = off
        self.on = on
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("axis", .integer(axis)), ("depth", .integer(depth)), ("off", .number(off)),
            ("on", .number(on)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        var extents = inputs[0].shape.dimensions
        guard axis <= extents.count else {
            throw GraphError(.shape, "\(inputs[0].shape) has no place for an axis \(axis)")
        }
        extents.insert(depth, at: axis)
        return [TensorType(Shape(extents), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let inner = inputs[0].shape.dimensions[axis...].reduce(1, *)
        var result = Tensor(shape: outputs[0].shape, repeating: off)
        for (offset, number) in inputs[0].values.enumerated() {
            // An index beyond the depth lights nothing.
            guard let index = try? position(number, in: depth) else { continue }
            result.values[(offset / inner * depth + index) * inner + offset % inner] = on
        }
        return [result]
    }
}
