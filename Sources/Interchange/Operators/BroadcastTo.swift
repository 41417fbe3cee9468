package import Graphs
package import Tensors

/// Repeats a tensor to given extents; nil keeps what the input has, the batch for example.
package struct BroadcastTo: Operator {
    package static let kind = "BroadcastTo"
    package let extents: [Int?]

    package init(_ extents: [Int?]) { self.extents = extents }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("extents", .integers(extents.map { $0 ?? -1 }))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        guard extents.count >= shape.rank else {
            throw GraphError(.shape, "\(shape) has more axes than \(extents)")
        }
        let padded = shape.padded(to: extents.count)
        let target = Shape(extents.indices.map { extents[$0] ?? padded[$0] })
        guard padded.broadcast(with: target) == target else {
            throw GraphError(.shape, "\(shape) does not broadcast to \(target)")
        }
        return [TensorType(target, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let broadcasting = Broadcasting(inputs[0].shape, to: shape)
        return [
            Tensor(
                shape: shape,
                values: (0..<shape.count).map { inputs[0].values[broadcasting.source(of: $0)] })
        ]
    }
}
