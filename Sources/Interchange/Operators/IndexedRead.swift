package import Graphs
package import Tensors

/// Reads elements at positions given by a second tensor: ONNX's Gather family.
package struct IndexedRead: Operator {
    package enum Rule: Sendable, Hashable {
        /// Whole slices along an axis: the indices' shape takes the axis' place.
        case slices(axis: Int)
        /// One element for each index, which replaces the coordinate along the axis.
        case elements(axis: Int)
        /// The last axis of the indices holds coordinates behind `batch` common axes.
        case coordinates(batch: Int)
    }

    package static let kind = "IndexedRead"
    package let rule: Rule

    package init(_ rule: Rule) { self.rule = rule }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("rule", .text("\(rule)"))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let data = inputs[0].shape
        let indices = inputs[1].shape
        let shape: [Int]
        switch rule {
        case .slices(let axis):
            guard axis < data.rank else { throw GraphError(.shape, "\(data) has no axis \(axis)") }
            shape = data.dimensions[..<axis] + indices.dimensions + data.dimensions[(axis + 1)...]
        case .elements(let axis):
            let fits =
                data.rank == indices.rank && axis < data.rank
                && data.dimensions.indices.allSatisfy { $0 == axis || indices[$0] <= data[$0] }
            guard fits else {
                throw GraphError(.shape, "indices \(indices) do not fit into \(data)")
            }
            shape = indices.dimensions
        case .coordinates(let batch):
            guard indices.rank > batch, let depth = indices.dimensions.last,
                batch + depth <= data.rank,
                data.dimensions.prefix(batch) == indices.dimensions.prefix(batch)
            else { throw GraphError(.shape, "indices \(indices) do not fit into \(data)") }
            shape = indices.dimensions.dropLast() + data.dimensions[(batch + depth)...]
        }
        return [TensorType(Shape(shape), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let values =
            switch rule {
            case .slices(let axis): try slices(inputs[0], inputs[1], axis)
            case .elements(let axis): try elements(inputs[0], inputs[1], axis)
            case .coordinates(let batch): try coordinates(inputs[0], inputs[1], batch)
            }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    private func slices(
        _ data: Tensor<Double>, _ indices: Tensor<Double>, _ axis: Int
    ) throws -> [Double] {
        let (outer, length, inner) = data.shape.split(at: axis)
        let positions = try indices.values.map { try position($0, in: length) }
        var values: [Double] = []
        for block in 0..<outer {
            for index in positions {
                let from = (block * length + index) * inner
                values += data.values[from..<(from + inner)]
            }
        }
        return values
    }

    private func elements(
        _ data: Tensor<Double>, _ indices: Tensor<Double>, _ axis: Int
    ) throws -> [Double] {
        let strides = data.shape.strides
        var values = [Double](repeating: 0, count: indices.count)
        try indices.shape.forEachIndex { offset, index in
            var from = try position(indices.values[offset], in: data.shape[axis]) * strides[axis]
            for other in index.indices where other != axis { from += index[other] * strides[other] }
            values[offset] = data.values[from]
        }
        return values
    }

    private func coordinates(
        _ data: Tensor<Double>, _ indices: Tensor<Double>, _ batch: Int
    ) throws -> [Double] {
        let depth = indices.shape[-1]
        let tuples = indices.shape.dimensions.dropLast().reduce(1, *)
        let batches = data.shape.dimensions[..<batch].reduce(1, *)
        let inner = data.shape.dimensions[(batch + depth)...].reduce(1, *)
        let strides = data.shape.strides
        let perBatch = data.shape.dimensions[batch...].reduce(1, *)
        var values: [Double] = []
        for tuple in 0..<tuples {
            var from = tuple / max(tuples / max(batches, 1), 1) * perBatch
            for part in 0..<depth {
                from +=
                    try position(
                        indices.values[tuple * depth + part], in: data.shape[batch + part])
                    * strides[batch + part]
            }
            values += data.values[from..<(from + inner)]
        }
        return values
    }
}
