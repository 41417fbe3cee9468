package import Tensors

/// One extent of a reshaped tensor.
package enum ReshapeDimension: Sendable, Hashable {
    /// The input's extent along an axis, whatever it is: how a batch extent is kept.
    case copy(Int)
    case size(Int)
    /// What is left over; at most one.
    case infer
}

/// The same elements in the same order under another shape.
package struct Reshape: Operator {
    package static let kind = "Reshape"
    package let dimensions: [ReshapeDimension]

    package init(to dimensions: [ReshapeDimension]) {
        self.dimensions = dimensions
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        let text = dimensions.map { dimension in
            switch dimension {
            case .copy(let axis): "copy \(axis)"
            case .size(let extent): "\(extent)"
            case .infer: "infer"
            }
        }
        return [("dimensions", .text(text.joined(separator: ", ")))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = inputs[0].shape
        var extents: [Int?] = []
        for dimension in dimensions {
            switch dimension {
            case .copy(let axis): extents.append(shape[try resolve(axis, in: shape)])
            case .size(let extent): extents.append(extent)
            case .infer: extents.append(nil)
            }
        }
        guard let result = fill(extents, count: shape.count) else {
            let wanted = extents.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
            throw GraphError(
                .shape,
                "Reshape cannot turn \(shape) (\(shape.count) elements) into [\(wanted)]")
        }
        return [TensorType(result, inputs[0].element)]
    }

    /// The extents with what is left over in place of nil, if that gives the count.
    private func fill(_ extents: [Int?], count: Int) -> Shape? {
        guard extents.count(where: { $0 == nil }) <= 1,
            extents.allSatisfy({ ($0 ?? 0) >= 0 }),
            let known = Shape(extents.map { $0 ?? 1 }).checkedCount
        else { return nil }
        let rest = known > 0 && count % known == 0 ? count / known : 0
        let result = Shape(extents.map { $0 ?? rest })
        return result.checkedCount == count ? result : nil
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].reshaped(to: outputs[0].shape)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.reshape($0, like: node.inputs[0]) }]
    }
}

/// The elements of a tensor under the shape of a reference of equal count.
package struct ReshapeLike: Operator {
    package static let kind = "ReshapeLike"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        guard inputs[0].shape.count == inputs[1].shape.count else {
            throw GraphError(
                .shape,
                "ReshapeLike expects equal counts, got \(inputs[0].shape) (\(inputs[0].shape.count)) "
                    + "and \(inputs[1].shape) (\(inputs[1].shape.count))")
        }
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].reshaped(to: outputs[0].shape)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0], needed[0] else { return [nil, nil] }
        return [try graph.reshape(g, like: node.inputs[0]), nil]
    }
}

extension Graph {
    /// The same elements under another shape.
    package mutating func reshape(
        _ x: Value, _ dimensions: [ReshapeDimension]
    ) throws -> Value {
        try add(Reshape(to: dimensions), x)
    }

    /// The same elements under the shape of a reference.
    package mutating func reshape(_ x: Value, like reference: Value) throws -> Value {
        try add(ReshapeLike(), x, reference)
    }

    /// `[batch, ...]` as `[batch, features]`.
    package mutating func flatten(_ x: Value) throws -> Value {
        try reshape(x, [.copy(0), .infer])
    }
}
