package import Tensors

/// The index of the largest element along an axis, the first of equals. It has no derivative.
///
/// - Shapes: the axis vanishes, or becomes 1 with `keepDimensions`; y is int64.
package struct ArgMax: Operator {
    package static let kind = "ArgMax"
    package let axis: Int
    package let keepDimensions: Bool

    package init(axis: Int, keepDimensions: Bool = false) {
        self.axis = axis
        self.keepDimensions = keepDimensions
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis)), ("keepDimensions", .flag(keepDimensions))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let axis = try resolve(axis, in: inputs[0].shape)
        guard inputs[0].shape[axis] > 0 else {
            throw GraphError(.shape, "ArgMax over no elements is undefined, got \(inputs[0].shape)")
        }
        var dimensions = inputs[0].shape.dimensions
        if keepDimensions { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
        return [TensorType(Shape(dimensions), .int64)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        let values = AxisView(inputs[0].shape, axis: axis).lanes.map { lane in
            var best = 0
            var largest = -Double.infinity
            for (index, offset) in lane.enumerated() where x[offset] > largest {
                (best, largest) = (index, x[offset])
            }
            return Double(best)
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}

extension Graph {
    /// The index of the largest element along an axis.
    package mutating func argMax(
        _ x: Value, axis: Int, keepDimensions: Bool = false
    ) throws -> Value {
        try add(ArgMax(axis: axis, keepDimensions: keepDimensions), x)
    }
}
