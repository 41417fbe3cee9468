import Graphs
import Tensors

/// Operators that move elements without changing them.
enum ShapingConverters {
    static func flatten(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let given = try node.attributes.integer("axis") ?? 1
        guard given >= -shape.rank, given <= shape.rank else {
            throw node.malformed("axis \(given) does not exist in \(shape)")
        }
        let axis = given < 0 ? given + shape.rank : given
        let rest = shape.dimensions[axis...].reduce(1, *)
        let dimensions: [ReshapeDimension] =
            switch axis {
            case 0: [.size(1), .size(rest)]
            case 1: [.copy(0), .size(rest)]
            default:
                rest > 0
                    ? [.infer, .size(rest)]
                    : [.size(shape.dimensions[..<axis].reduce(1, *)), .size(rest)]
            }
        return [try node.result(node.add(Reshape(to: dimensions), x))]
    }

    static func transpose(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        let order = try node.attributes.integers("perm") ?? Array((0..<rank).reversed())
        guard order.sorted() == Array(0..<rank) else {
            throw node.malformed("perm \(order) does not order \(rank) axes")
        }
        return [try node.result(node.add(Transpose(order), x))]
    }

    static func squeeze(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let named = try axes(node)
        let gone =
            try named.map { try node.axes($0, rank: shape.rank) }
            ?? shape.dimensions.indices.filter { shape[$0] == 1 }
        guard gone.allSatisfy({ shape[$0] == 1 }) else {
            throw node.malformed("axes \(gone) of \(shape) are not all 1")
        }
        let kept = shape.dimensions.indices.filter { !gone.contains($0) }
        return [try node.result(node.add(Reshape(to: kept.map { .copy($0) }), x))]
    }

    static func unsqueeze(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        guard let named = try axes(node) else { throw node.malformed("lacks its axes") }
        let rank = node.shape(of: x).rank + named.count
        guard rank <= 16 else { throw node.malformed("\(rank) axes") }
        let new = try node.axes(named, rank: rank)
        var source = 0
        let dimensions: [ReshapeDimension] = (0..<rank).map { axis in
            if new.contains(axis) { return .size(1) }
            defer { source += 1 }
            return .copy(source)
        }
        return [try node.result(node.add(Reshape(to: dimensions), x))]
    }

    /// Axes as an attribute before operator set 13, as an operand since.
    static func axes(_ node: NodeConversion) throws -> [Int]? {
        if let named = try node.attributes.integers("axes") { return named }
        return node.has(1) ? try node.integers(1, "the axes") : nil
    }

    static func concatenate(_ node: NodeConversion) throws -> [Operand] {
        var values = try (0..<node.inputCount).map { try node.value($0) }
        guard let first = values.first else { throw node.malformed("has nothing to join") }
        let named = try node.attributes.integer("axis") ?? 1
        let axis = try node.axis(named, rank: node.shape(of: first).rank)
        if axis > 0 { try repeatConstants(&values, node) }
        return [try node.result(node.append(Concatenate(axis: axis), values).output())]
    }

    /// Gives every sample its own of what a file of one sample joins to each, such as a class token.
    private static func repeatConstants(_ values: inout [Value], _ node: NodeConversion) throws {
        let batch = node.model.batch
        guard !batch.isOpen else { return }
        let sample = values.first {
            let (now, then) = (node.shape(of: $0), node.widenedShape(of: $0))
            return now.rank > 0 && batch.times(now[0], then[0]) == 1
        }
        guard let sample else { return }
        let (now, then) = (node.shape(of: sample)[0], node.widenedShape(of: sample)[0])
        for (index, value) in values.enumerated() {
            let shape = node.shape(of: value)
            guard try !node.operand(index).isFed, shape.rank > 0, shape[0] == 1 else { continue }
            let rest = Array(shape.dimensions.dropFirst())
            values[index] = try node.broadcast(
                value, to: Shape([now] + rest), widened: Shape([then] + rest))
        }
    }

    static func slice(_ node: NodeConversion) throws -> [Operand] {
        var x = try node.value(0)
        let shape = node.shape(of: x)
        let isAttribute = node.opset < 10
        var starts = (now: [Int](), widened: [Int]())
        var ends = starts
        if isAttribute {
            starts.now = try node.attributes.unlimitedIntegers("starts") ?? []
            ends.now = try node.attributes.unlimitedIntegers("ends") ?? []
            (starts.widened, ends.widened) = (starts.now, ends.now)
        } else {
            starts = try node.batchIntegers(1, "the starts")
            ends = try node.batchIntegers(2, "the ends")
        }
        let named =
            try isAttribute
            ? node.attributes.integers("axes")
            : node.has(3) ? node.integers(3, "the axes") : nil
        let axes = try node.axes(
            named ?? Array(0..<min(starts.now.count, shape.rank)), rank: shape.rank)
        let steps =
            node.has(4) ? try node.integers(4, "the steps") : [Int](repeating: 1, count: axes.count)
        guard starts.now.count == axes.count, ends.now.count == axes.count,
            starts.widened.count == axes.count, ends.widened.count == axes.count,
            steps.count == axes.count,
            steps.allSatisfy({ $0 != 0 && $0 != .min })
        else { throw node.malformed("starts, ends, axes and steps do not fit together") }
        for (index, axis) in axes.enumerated() {
            let step = steps[index]
            let now = IndexRange(
                from: starts.now[index], to: ends.now[index], step: step,
                extent: node.shape(of: x)[axis])
            let then = IndexRange(
                from: starts.widened[index], to: ends.widened[index], step: step,
                extent: node.widenedShape(of: x)[axis])
            if now.isWhole && then.isWhole { continue }
            if now.isWhole || now.first != then.first || now.count != then.count { node.fixBatch() }
            x = try node.range(x, axis, now)
        }
        return [try node.result(x)]
    }

    static func split(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let axis = try node.axis(node.attributes.integer("axis") ?? 0, rank: shape.rank)
        let count = try node.attributes.integer("num_outputs") ?? node.outputCount
        let named =
            node.has(1) ? try node.integers(1, "the parts") : try node.attributes.integers("split")
        guard count > 0, count <= 1 << 16 else { throw node.malformed("\(count) parts") }
        let each = (shape[axis] + count - 1) / count
        let lengths =
            named ?? (0..<count).map { max(0, min(each, shape[axis] - $0 * each)) }
        guard lengths.allSatisfy({ $0 >= 0 && $0 <= shape[axis] }),
            lengths.reduce(0, +) == shape[axis]
        else { throw node.malformed("parts \(lengths) do not fill axis \(axis) of \(shape)") }
        var start = 0
        return try lengths.map { length in
            defer { start += length }
            return try node.result(node.add(Slice(axis: axis, start: start, length: length), x))
        }
    }

    static func expand(_ node: NodeConversion) throws -> [Operand] {
        let wanted = try node.batchIntegers(1, "the shape")
        let shape = try node.shape(0)
        _ = try CheckedExtents.count(wanted.now, node: node.name)
        guard let target = shape.broadcast(with: Shape(wanted.now)) else {
            throw node.malformed("\(shape) does not broadcast to \(wanted.now)")
        }
        let isPossible = (try? CheckedExtents.count(wanted.widened)) != nil
        let widened =
            isPossible
            ? try node.widenedShape(0).broadcast(with: Shape(wanted.widened)) : nil
        if target == shape, try widened == node.widenedShape(0) {
            return try ElementWiseConverters.identity(node)
        }
        if widened == nil { node.fixBatch() }
        return [
            try node.result(node.broadcast(node.value(0), to: target, widened: widened ?? target))
        ]
    }

    static func tile(_ node: NodeConversion) throws -> [Operand] {
        var x = try node.value(0)
        let (repeats, widened) = try node.batchIntegers(1, "the repeats")
        guard repeats.count == node.shape(of: x).rank,
            repeats.allSatisfy({ $0 >= 0 && $0 <= 1 << 16 })
        else { throw node.malformed("repeats \(repeats) do not fit \(node.shape(of: x))") }
        guard widened.count == repeats.count else { throw node.malformed("its repeats vary") }
        for (axis, count) in repeats.enumerated() where count != 1 || widened[axis] != 1 {
            if node.shape(of: x)[axis] == 1, node.widenedShape(of: x)[axis] == 1, count > 0 {
                var target = node.shape(of: x)
                var wide = node.widenedShape(of: x)
                (target[axis], wide[axis]) = (count, widened[axis])
                x = try node.broadcast(x, to: target, widened: wide)
                continue
            }
            if widened[axis] != count { node.fixBatch() }
            if count == 1 { continue }
            let copies = [Value](repeating: x, count: count)
            x =
                count == 0
                ? try node.add(Slice(axis: axis, start: 0, length: 0), x)
                : try node.append(Concatenate(axis: axis), copies).output()
        }
        return [try node.result(x)]
    }

    static func triangle(_ node: NodeConversion) throws -> [Operand] {
        let upper = try node.attributes.integer("upper") ?? 1 != 0
        let diagonal = node.has(1) ? try node.integers(1, "the diagonal").first ?? 0 : 0
        let clamped = min(max(diagonal, -(1 << 31)), 1 << 31)
        let mask = TriangleMask(upper: upper, diagonal: clamped)
        return [try node.result(node.add(mask, node.value(0)))]
    }

    /// `[b, c, h, w]` to `[b, c / s^2, h s, w s]`.
    static func depthToSpace(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let block = try node.attributes.integer("blocksize") ?? 0
        let mode = try node.attributes.text("mode") ?? "DCR"
        guard shape.rank == 4, block > 0, block < 1 << 10, shape[1] % (block * block) == 0 else {
            throw node.malformed("blocks of \(block) do not fit \(shape)")
        }
        let depth = shape[1] / (block * block)
        let parts: [ReshapeDimension] =
            mode == "CRD"
            ? [.copy(0), .size(depth), .size(block), .size(block), .copy(2), .copy(3)]
            : [.copy(0), .size(block), .size(block), .size(depth), .copy(2), .copy(3)]
        let order = mode == "CRD" ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
        let moved = try node.add(Transpose(order), node.add(Reshape(to: parts), x))
        let joined: [ReshapeDimension] = [
            .copy(0), .size(depth), .size(shape[2] * block), .size(shape[3] * block),
        ]
        return [try node.result(node.add(Reshape(to: joined), moved))]
    }

    /// `[b, c, h, w]` to `[b, c s^2, h / s, w / s]`.
    static func spaceToDepth(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let block = try node.attributes.integer("blocksize") ?? 0
        guard shape.rank == 4, block > 0, block < 1 << 10, shape[2] % block == 0,
            shape[3] % block == 0
        else { throw node.malformed("blocks of \(block) do not fit \(shape)") }
        let parts: [ReshapeDimension] = [
            .copy(0), .copy(1), .size(shape[2] / block), .size(block), .size(shape[3] / block),
            .size(block),
        ]
        let mode = try node.attributes.text("mode") ?? "DCR"
        let order = mode == "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
        let moved = try node.add(Transpose(order), node.add(Reshape(to: parts), x))
        let joined: [ReshapeDimension] = [
            .copy(0), .size(shape[1] * block * block), .size(shape[2] / block),
            .size(shape[3] / block),
        ]
        return [try node.result(node.add(Reshape(to: joined), moved))]
    }
}
