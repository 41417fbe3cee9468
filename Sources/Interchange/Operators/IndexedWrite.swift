package import Graphs
package import Tensors

/// Writes updates into a copy of a tensor at given positions: ONNX's Scatter family.
///
/// Inputs: data, indices, updates.
package struct IndexedWrite: Operator {
    package enum Reduction: String, Sendable {
        case none, add, mul, min, max

        func callAsFunction(_ old: Double, _ new: Double) -> Double {
            switch self {
            case .none: new
            case .add: old + new
            case .mul: old * new
            case .min: Swift.min(old, new)
            case .max: Swift.max(old, new)
            }
        }
    }

    package static let kind = "IndexedWrite"
    /// The axis along which single elements are written; nil: the last axis of the indices holds coordinates.
    package let axis: Int?
    package let reduction: Reduction

    package init(axis: Int?, reduction: Reduction) {
        self.axis = axis
        self.reduction = reduction
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis ?? -1)), ("reduction", .text(reduction.rawValue))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let data = inputs[0].shape
        let indices = inputs[1].shape
        let updates = inputs[2].shape
        let fits: Bool
        if let axis {
            fits =
                indices == updates && data.rank == indices.rank && axis < data.rank
                && data.dimensions.indices.allSatisfy { $0 == axis || indices[$0] <= data[$0] }
        } else {
            let depth = indices.dimensions.last ?? 0
            fits =
                indices.rank > 0 && depth <= data.rank
                && updates.dimensions
                    == Array(indices.dimensions.dropLast()) + data.dimensions[depth...]
        }
        guard fits else {
            throw GraphError(
                .shape, "indices \(indices) and updates \(updates) do not fit into \(data)")
        }
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var result = inputs[0]
        let indices = inputs[1]
        let updates = inputs[2]
        let strides = result.shape.strides
        if let axis {
            try indices.shape.forEachIndex { offset, index in
                var to =
                    try position(indices.values[offset], in: result.shape[axis]) * strides[axis]
                for other in index.indices where other != axis {
                    to += index[other] * strides[other]
                }
                result.values[to] = reduction(result.values[to], updates.values[offset])
            }
            return [result]
        }
        let depth = indices.shape[-1]
        let inner = result.shape.dimensions[depth...].reduce(1, *)
        for tuple in 0..<indices.shape.dimensions.dropLast().reduce(1, *) {
            var to = 0
            for part in 0..<depth {
                to +=
                    try position(indices.values[tuple * depth + part], in: result.shape[part])
                    * strides[part]
            }
            for offset in 0..<inner {
                let update = updates.values[tuple * inner + offset]
                result.values[to + offset] = reduction(result.values[to + offset], update)
            }
        }
        return [result]
    }
}
