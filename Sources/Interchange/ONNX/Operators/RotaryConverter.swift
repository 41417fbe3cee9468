import Graphs
import Tensors

/// Rotary position embedding: pairs of features turned by angles that depend on the position.
enum RotaryConverter {
    @Sendable static func convert(_ node: NodeConversion) throws -> [Operand] {
        let isFlat = try node.shape(0).rank == 3
        let heads = try node.attributes.integer("num_heads")
        let partial = try node.attributes.integer("rotary_embedding_dim") ?? 0
        let isInterleaved = try node.attributes.integer("interleaved") ?? 0 != 0
        let x = try AttentionConverter.split(node, node.value(0), isFlat ? heads : nil)
        let shape = node.shape(of: x)
        let turned = partial == 0 ? shape[3] : partial
        guard shape.rank == 4, turned > 0, turned % 2 == 0, turned <= shape[3] else {
            throw node.malformed("\(turned) turned features do not fit \(shape)")
        }
        let cosine = try angles(node, 1)
        let sine = try angles(node, 2)
        let part = try node.add(Slice(axis: 3, start: 0, length: turned), x)
        let half = turned / 2
        let (first, second) =
            try isInterleaved
            ? (pick(node, part, 0), pick(node, part, 1))
            : (
                node.add(Slice(axis: 3, start: 0, length: half), part),
                node.add(Slice(axis: 3, start: half, length: half), part)
            )
        let real = try node.add(
            Binary(.subtract), node.add(Binary(.multiply), cosine, first),
            node.add(Binary(.multiply), sine, second))
        let imaginary = try node.add(
            Binary(.add), node.add(Binary(.multiply), sine, first),
            node.add(Binary(.multiply), cosine, second))
        var y: Value
        if isInterleaved {
            let apart: [ReshapeDimension] = [.copy(0), .copy(1), .copy(2), .copy(3), .size(1)]
            let pairs = try [real, imaginary].map { try node.add(Reshape(to: apart), $0) }
            y = try node.add(
                Reshape(to: [.copy(0), .copy(1), .copy(2), .size(turned)]),
                node.append(Concatenate(axis: 4), pairs).output())
        } else {
            y = try node.append(Concatenate(axis: 3), [real, imaginary]).output()
        }
        if turned < shape[3] {
            let rest = try node.add(
                Slice(axis: 3, start: turned, length: shape[3] - turned), x)
            y = try node.append(Concatenate(axis: 3), [y, rest]).output()
        }
        if isFlat {
            y = try node.add(
                Reshape(to: [.copy(0), .copy(1), .size(shape[1] * shape[3])]),
                node.add(Transpose([0, 2, 1, 3]), y))
        }
        return [try node.result(y)]
    }

    /// The table's rows for each token, `[batch, 1, tokens, features / 2]`.
    private static func angles(_ node: NodeConversion, _ index: Int) throws -> Value {
        var table = try node.value(index)
        if node.has(3) { table = try node.add(Gather(axis: 0), table, node.value(3)) }
        guard node.shape(of: table).rank == 3 else {
            throw node.malformed("its tables have the shape \(node.shape(of: table))")
        }
        return try node.add(Reshape(to: [.copy(0), .size(1), .copy(1), .copy(2)]), table)
    }

    private static func pick(_ node: NodeConversion, _ x: Value, _ first: Int) throws -> Value {
        let extent = node.shape(of: x)[3]
        return try node.range(x, 3, IndexRange(from: first, to: extent, step: 2, extent: extent))
    }
}
