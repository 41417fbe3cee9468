import Graphs
import Tensors

extension ImportedModel {
    /// Nodes that the copies may have together, and samples that one of them may take.
    private static let nodeLimit = 1 << 17

    /// The batch that the file is written for, nil where it leaves it open or has several inputs.
    var writtenBatch: Int? {
        guard inputs.count == 1, let port = inputs.first,
            case .fixed(let batch) = port.declared?.first
        else { return nil }
        return batch > 0 && port.shape.rank > 0 && port.shape[0] == batch ? batch : nil
    }

    /// The model for another batch as copies of itself side by side, each for as many samples as it is written for.
    ///
    /// Copies share their states. What does not depend on the input is the first copy's; of what does and has no row
    /// for each sample there is no whole, so it loses its names.
    /// - Throws: `InterchangeError.unsupported` where that takes too many copies, or for an output without rows.
    func copied(batch: Int, written: Int) throws -> ImportedModel {
        guard batch > 0 else {
            throw InterchangeError(
                .unsupported, node: batchFixedBy ?? "",
                "is written for batches of \(written) and cannot be run on \(batch) samples")
        }
        let count = batch / written + (batch % written > 0 ? 1 : 0)
        // Each sample that is missing from a copy is one more operand of a join.
        guard written <= Self.nodeLimit else {
            throw InterchangeError(
                .unsupported, node: batchFixedBy ?? "",
                "is written for \(written) samples, of which \(batch) are there; at most \(Self.nodeLimit) can be "
                    + "filled up",
                hint: "export it with a dynamic batch axis, or for fewer samples")
        }
        guard let port = inputs.first, count * graph.nodes.count <= Self.nodeLimit else {
            throw InterchangeError(
                .unsupported, node: batchFixedBy ?? "",
                "is written for \(written) samples, and \(batch) take \(count) copies of its \(graph.nodes.count) nodes",
                hint: "export it with a dynamic batch axis, or give fewer samples at once")
        }
        var result = Graph()
        var shape = port.shape
        shape[0] = batch
        let input = try result.input(port.name, shape)
        let parts = try parts(of: input, batch: batch, written: written, in: &result)
        var extra: [String: Value] = [:]
        let isFed = graph.dependsOnInput
        let values = Set(
            graph.labels.values.map { $0 } + graph.outputs.map(\.value)
                + [logits, features, vector].compactMap { $0 })
        for value in values { extra["\(value.node) \(value.output)"] = value }
        let copies = try parts.map {
            try result.inline(graph, inputs: [port.name: $0], naming: extra)
        }
        var images: [Value: Value] = [:]
        for (name, value) in extra {
            let own = graph.shape(of: value)
            let all = copies.compactMap { $0[name] }
            guard let first = all.first else { continue }
            guard isFed[value.node] else {
                images[value] = first
                continue
            }
            guard own.rank > 0, own[0] == written else { continue }
            let joined = all.count > 1 ? try result.concatenate(all, axis: 0) : first
            let surplus = count * written - batch
            images[value] =
                surplus > 0 ? try result.slice(joined, axis: 0, start: 0, length: batch) : joined
        }
        for (name, value) in graph.labels {
            if let image = images[value] { result.label(image, name) }
        }
        for (name, value) in graph.outputs {
            guard let image = images[value] else {
                throw InterchangeError(
                    .unsupported, node: name,
                    "this output has the shape \(graph.shape(of: value)), which holds no row for each of the "
                        + "\(written) samples that the file is written for",
                    hint: "give as many samples as that, or export it with a dynamic batch axis")
            }
            result.output(name, image)
        }
        return with(
            result, logits: logits.flatMap { images[$0] },
            features: features.flatMap { images[$0] }, vector: vector.flatMap { images[$0] })
    }

    /// The samples of each copy; the last one's are filled up with the last sample.
    private func parts(
        of input: Value, batch: Int, written: Int, in graph: inout Graph
    ) throws -> [Value] {
        try stride(from: 0, to: batch, by: written).map { start in
            let length = min(written, batch - start)
            let part = try graph.slice(input, axis: 0, start: start, length: length)
            guard length < written else { return part }
            let last = try graph.slice(input, axis: 0, start: batch - 1, length: 1)
            let filling = [Value](repeating: last, count: written - length)
            return try graph.concatenate([part] + filling, axis: 0)
        }
    }
}
