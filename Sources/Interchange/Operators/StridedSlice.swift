package import Graphs
package import Tensors

/// Every `step`-th element along one axis, backwards if the step is negative.
package struct StridedSlice: Operator {
    package static let kind = "StridedSlice"
    package let axis: Int
    package let start: Int
    package let step: Int
    package let count: Int

    package init(axis: Int, start: Int, step: Int, count: Int) {
        self.axis = axis
        self.start = start
        self.step = step
        self.count = count
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("axis", .integer(axis)), ("start", .integer(start)), ("step", .integer(step)),
            ("count", .integer(count)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        var shape = inputs[0].shape
        let last = start + step * max(count - 1, 0)
        guard axis < shape.rank, count == 0 || (0..<shape[axis]).contains(start),
            count == 0 || (0..<shape[axis]).contains(last)
        else { throw GraphError(.shape, "\(start) to \(last) does not lie in \(shape)") }
        shape[axis] = count
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let (outer, length, inner) = inputs[0].shape.split(at: axis)
        var values: [Double] = []
        values.reserveCapacity(outputs[0].shape.count)
        for block in 0..<outer {
            for index in 0..<count {
                let from = (block * length + start + step * index) * inner
                values += inputs[0].values[from..<(from + inner)]
            }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}
