import Graphs
import Tensors

/// Reading and writing at positions that another tensor names.
enum IndexingConverters {
    static func gather(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let axis = try node.axis(node.attributes.integer("axis") ?? 0, rank: shape.rank)
        if let known = try node.operand(1).known, known.shape.rank == 0 {
            // One fixed position is a slice, which the engine does fast.
            let index = known.integers[0]
            guard index >= -shape[axis], index < shape[axis] else {
                throw node.malformed("index \(index) does not exist along axis \(axis) of \(shape)")
            }
            let start = index < 0 ? index + shape[axis] : index
            let piece = try node.add(Slice(axis: axis, start: start, length: 1), x)
            let kept = shape.dimensions.indices.filter { $0 != axis }
            return [try node.result(node.add(Reshape(to: kept.map { .copy($0) }), piece))]
        }
        let indices = try node.value(1)
        return [try node.result(node.add(Gather(axis: axis), x, indices))]
    }

    static func gatherElements(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let axis = try node.axis(
            node.attributes.integer("axis") ?? 0, rank: node.shape(of: x).rank)
        let indices = try node.value(1)
        return [try node.result(node.add(IndexedRead(.elements(axis: axis)), x, indices))]
    }

    static func gatherCoordinates(_ node: NodeConversion) throws -> [Operand] {
        let batch = try node.attributes.integer("batch_dims") ?? 0
        let x = try node.value(0)
        let indices = try node.value(1)
        guard batch >= 0, batch < min(node.shape(of: x).rank, node.shape(of: indices).rank) else {
            throw node.malformed("batch_dims \(batch) does not fit \(node.shape(of: x))")
        }
        return [try node.result(node.add(IndexedRead(.coordinates(batch: batch)), x, indices))]
    }

    static func scatterElements(_ node: NodeConversion) throws -> [Operand] {
        let rank = try node.shape(0).rank
        let axis = try node.axis(node.attributes.integer("axis") ?? 0, rank: rank)
        return try scatter(node, axis: axis)
    }

    static func scatterCoordinates(_ node: NodeConversion) throws -> [Operand] {
        try scatter(node, axis: nil)
    }

    private static func scatter(_ node: NodeConversion, axis: Int?) throws -> [Operand] {
        let name = try node.attributes.text("reduction") ?? "none"
        guard let reduction = IndexedWrite.Reduction(rawValue: name) else {
            throw node.refusal("reduction '\(name)' is not supported")
        }
        let operation = IndexedWrite(axis: axis, reduction: reduction)
        let values = try (0..<3).map { try node.value($0) }
        return [try node.result(node.wrapped(node.append(operation, values).output()))]
    }

    static func oneHot(_ node: NodeConversion) throws -> [Operand] {
        let depth = try Int(limiting: node.number(1, "the depth"))
        let pair = try node.known(2, "the values").doubles.values
        guard depth >= 0, depth < 1 << 24, pair.count == 2 else {
            throw node.malformed("a depth of \(depth) and \(pair.count) values")
        }
        let indices = try node.value(0)
        let rank = node.shape(of: indices).rank
        let axis = try node.axis(node.attributes.integer("axis") ?? -1, rank: rank + 1)
        let operation = OneHotRows(axis: axis, depth: depth, off: pair[0], on: pair[1])
        return [try node.result(node.add(operation, indices), node.element(2))]
    }
}
