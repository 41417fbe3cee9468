package import Tensors

/// Tensors joined along an axis.
///
/// - Shapes: equal but for the axis, whose extents add up.
package struct Concatenate: Operator {
    package static let kind = "Concatenate"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard let first = inputs.first else {
            throw GraphError(.shape, "Concatenate expects at least one input")
        }
        let axis = try resolve(axis, in: first.shape)
        var shape = first.shape
        for (index, input) in inputs.enumerated().dropFirst() {
            var other = input.shape
            if other.rank == shape.rank { other[axis] = first.shape[axis] }
            guard other == first.shape else {
                throw GraphError(
                    .shape,
                    "Concatenate along axis \(axis) expects equal extents elsewhere, got "
                        + "\(first.shape) and, as input \(index), \(input.shape)")
            }
            shape[axis] += input.shape[axis]
        }
        return [TensorType(shape, first.element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let view = AxisView(outputs[0].shape, axis: axis)
        var values: [Double] = []
        values.reserveCapacity(outputs[0].shape.count)
        for outer in 0..<view.outer {
            for input in inputs {
                let block = input.shape[axis] * view.inner
                values += input.values[(outer * block)..<((outer + 1) * block)]
            }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return node.inputs.map { _ in nil } }
        let joined = graph.shape(of: node.output()).front(axis)
        var start = 0
        var flows: [Value?] = []
        for (index, input) in node.inputs.enumerated() {
            let length = graph.shape(of: input)[axis]
            defer { start += length }
            guard needed[index] else {
                flows.append(nil)
                continue
            }
            // Along the batch the extents may change, so they are looked up when the graph is bound.
            flows.append(
                joined == 0
                    ? try graph.append(ConcatenateGradient(axis: 0), [g] + node.inputs[...index])
                        .output()
                    : try graph.slice(g, axis: joined, start: start, length: length))
        }
        return flows
    }
}

/// The part of a concatenation's gradient that belongs to one of its inputs.
///
/// - Shapes: inputs g, then the joined tensors up to and including the one in question, for their shapes;
///   dx as the last of them.
package struct ConcatenateGradient: Operator {
    package static let kind = "ConcatenateGradient"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    private func slice(_ shapes: [Shape]) -> Slice {
        let start = shapes[1..<(shapes.count - 1)].reduce(0) { $0 + $1[axis] }
        return Slice(axis: axis, start: start, length: shapes[shapes.count - 1][axis])
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard let last = inputs.last, inputs.count > 1 else {
            throw GraphError(.shape, "ConcatenateGradient expects at least two inputs")
        }
        for input in inputs { _ = try resolve(axis, in: input.shape) }
        let shape = try slice(inputs.map(\.shape)).infer([inputs[0]])[0].shape
        try expect("the gradient's part", TensorType(shape), shape: last.shape)
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        try slice(inputs.map(\.shape)).evaluate([inputs[0]], outputs: outputs)
    }
}

extension Graph {
    /// Joins tensors along an axis.
    package mutating func concatenate(_ values: [Value], axis: Int) throws -> Value {
        try append(Concatenate(axis: axis), values).output()
    }
}
