package import Tensors

/// What an extent of a broadcast becomes.
package enum BroadcastExtent: Sendable, Hashable {
    /// As the input has it.
    case keep
    case size(Int)
    /// So many times the first extent of the reference: the batch, whatever it is bound to.
    case batch(times: Int)
}

/// Repeats a tensor to given extents, such as one class token for each sample of a batch.
///
/// - Shapes: inputs x and, where an extent is `.batch`, a reference, of which only the first extent is read;
///   x's axes are the last ones of the extents.
package struct BroadcastTo: Operator {
    package static let kind = "BroadcastTo"
    package let extents: [BroadcastExtent]

    package init(_ extents: [BroadcastExtent]) {
        self.extents = extents
    }

    /// Whether it needs a reference.
    package var followsBatch: Bool {
        extents.contains { if case .batch = $0 { true } else { false } }
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        let texts = extents.map { extent in
            switch extent {
            case .keep: "keep"
            case .size(let size): "\(size)"
            case .batch(let times): "\(times)N"
            }
        }
        return [("extents", .text(texts.joined(separator: " ")))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: followsBatch ? 2...2 : 1...2)
        let shape = inputs[0].shape
        guard extents.count >= shape.rank else {
            throw GraphError(
                .shape, "BroadcastTo \(extents.count) axes expects at most as many, got \(shape)")
        }
        let padded = shape.padded(to: extents.count)
        var target = padded
        for (axis, extent) in extents.enumerated() {
            switch extent {
            case .keep: continue
            case .size(let size): target[axis] = size
            case .batch(let times):
                try expect("a reference", inputs[1], rank: 1...16, as: "[batch, ...]")
                let (product, overflow) = times.multipliedReportingOverflow(by: inputs[1].shape[0])
                guard !overflow else { throw GraphError(.shape, "BroadcastTo: \(times) batches") }
                target[axis] = product
            }
        }
        guard padded.broadcast(with: target) == target else {
            throw GraphError(.shape, "BroadcastTo: \(shape) does not broadcast to \(target)")
        }
        return [TensorType(target, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let broadcasting = Broadcasting(inputs[0].shape, to: shape)
        let values = (0..<shape.count).map { inputs[0].values[broadcasting.source(of: $0)] }
        return [Tensor(shape: shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        var flows: [Value?] = node.inputs.map { _ in nil }
        if needed[0] {
            flows[0] = try gradients[0].map { try graph.reduce($0, like: node.inputs[0]) }
        }
        return flows
    }
}

extension Graph {
    /// Repeats `x` along its first axis, which has extent 1, for each sample of a reference.
    package mutating func repeatForBatch(_ x: Value, of reference: Value) throws -> Value {
        let rank = shape(of: x).rank
        let extents = [.batch(times: 1)] + [BroadcastExtent](repeating: .keep, count: rank - 1)
        return try add(BroadcastTo(extents), x, reference)
    }
}
