import Graphs
import Tensors

/// Scaled dot-product attention with masks, caches and shared keys, as products and a softmax.
enum AttentionConverter {
    @Sendable static func convert(_ node: NodeConversion) throws -> [Operand] {
        let isFlat = try node.shape(0).rank == 3
        node.attributes.ignore("softmax_precision")
        let heads = try (
            queries: node.attributes.integer("q_num_heads"),
            keys: node.attributes.integer("kv_num_heads")
        )
        let q = try split(node, node.value(0), heads.queries)
        var k = try split(node, node.value(1), heads.keys)
        var v = try split(node, node.value(2), heads.keys)
        var past = 0
        if node.has(4), node.has(5) {
            past = try node.shape(4)[-2]
            k = try node.append(Concatenate(axis: 2), [node.value(4), k]).output()
            v = try node.append(Concatenate(axis: 2), [node.value(5), v]).output()
        }
        let present = (k, v)
        let count = node.shape(of: q)[1]
        k = try shared(node, k, heads: count)
        v = try shared(node, v, heads: count)

        let features = Double(max(node.shape(of: q)[-1], 1))
        let scale = try node.attributes.number("scale") ?? 1 / features.squareRoot()
        let raw = try node.add(
            MatrixMultiply(transposeRight: true), node.add(Affine(scale: scale), q), k)
        var capped = raw
        if let cap = try node.attributes.number("softcap"), cap != 0 {
            let bent = try node.add(Unary(.tanh), node.add(Affine(scale: 1 / cap), raw))
            capped = try node.add(Affine(scale: cap), bent)
        }
        let mask = try AttentionMask(node, scores: capped, past: past)
        let weights = try mask.weights(node, capped)
        var y = try node.add(MatrixMultiply(), weights, v)
        if isFlat {
            let width = count * node.shape(of: v)[-1]
            y = try node.add(
                Reshape(to: [.copy(0), .copy(1), .size(width)]),
                node.add(Transpose([0, 2, 1, 3]), y))
        }
        let mode = try node.attributes.integer("qk_matmul_output_mode") ?? 0
        let scores: Value =
            switch mode {
            case 0: raw
            case 1: capped
            case 2: try mask.biased(node, capped)
            case 3: weights
            default: throw node.malformed("qk_matmul_output_mode \(mode) is not known")
            }
        return try [
            node.result(y), node.result(present.0), node.result(present.1), node.result(scores),
        ]
    }

    /// `[batch, tokens, heads * features]` as `[batch, heads, tokens, features]`.
    static func split(_ node: NodeConversion, _ x: Value, _ heads: Int?) throws -> Value {
        let shape = node.shape(of: x)
        if shape.rank == 4 { return x }
        guard shape.rank == 3, let heads, heads > 0, shape[2] % heads == 0 else {
            throw node.malformed("\(heads ?? 0) heads do not divide \(shape)")
        }
        let parts: [ReshapeDimension] = [
            .copy(0), .copy(1), .size(heads), .size(shape[2] / heads),
        ]
        return try node.add(Transpose([0, 2, 1, 3]), node.add(Reshape(to: parts), x))
    }

    /// Keys or values that several heads of queries share, once for each of them.
    private static func shared(_ node: NodeConversion, _ x: Value, heads: Int) throws -> Value {
        let shape = node.shape(of: x)
        guard shape[1] != heads else { return x }
        guard shape[1] > 0, heads % shape[1] == 0 else {
            throw node.malformed("\(heads) heads cannot share the keys \(shape)")
        }
        let copies = heads / shape[1]
        let apart = try node.add(
            Reshape(to: [.copy(0), .copy(1), .size(1), .copy(2), .copy(3)]), x)
        let extents: [BroadcastExtent] = [.keep, .keep, .size(copies), .keep, .keep]
        return try node.add(
            Reshape(to: [.copy(0), .size(heads), .copy(3), .copy(4)]),
            node.add(BroadcastTo(extents), apart))
    }
}

/// Which keys a query sees, and what is added to its scores.
private struct AttentionMask {
    /// 1 where a query sees a key; nil: everywhere.
    private var allowed: Value?
    /// Whether a query may see no key at all.
    private var mayBeEmpty = false
    private var added: Value?

    init(_ node: NodeConversion, scores: Value, past: Int) throws {
        let queries = node.shape(of: scores)[-2]
        let keys = node.shape(of: scores)[-1]
        if node.has(3) { try read(node, keys: keys) }
        let isCausal = try node.attributes.integer("is_causal") ?? 0 != 0
        let left = try node.attributes.integer("left_window_size") ?? -1
        let right = try node.attributes.integer("right_window_size") ?? -1
        // Distances of a key from the query without the offset, [queries, keys].
        var distances = Tensor(shape: [queries, keys], repeating: 0.0)
        for row in 0..<queries {
            for column in 0..<keys { distances[row, column] = Double(column - row) }
        }
        var offset: Value?
        if node.has(6) {
            guard past == 0, try node.shape(6).rank == 1 else {
                throw node.malformed("nonpad_kv_seqlen does not go with a cache")
            }
            let lengths = try node.add(
                Reshape(to: [.copy(0), .size(1), .size(1), .size(1)]), node.value(6))
            let positions = (0..<keys).map { Double($0) }
            let places = try node.constant(Tensor(shape: [keys], values: positions))
            try restrict(node, node.add(Binary(.greater), lengths, places))
            offset = try node.add(Affine(offset: -Double(queries)), lengths)
        }
        let limits = [(isCausal ? 0 : -1, 1.0), (left, -1), (right, 1)]
        for (limit, sign) in limits where limit >= 0 {
            // sign (key - query - offset) <= limit
            let reach = distances.map { Double(limit) + 0.5 - sign * $0 }
            if let offset {
                let bound = try node.add(
                    Binary(.add), node.constant(reach), node.add(Affine(scale: sign), offset))
                try restrict(node, node.add(Unary(.step), bound))
            } else {
                let fixed = reach.map { $0 + sign * Double(past) > 0 ? 1.0 : 0 }
                // Of its own a causal mask leaves every query a key.
                let wasEmpty = mayBeEmpty || allowed != nil || sign < 0 || added != nil
                try restrict(node, node.constant(fixed))
                mayBeEmpty = wasEmpty
            }
        }
    }

    private mutating func read(_ node: NodeConversion, keys: Int) throws {
        var mask = try node.value(3)
        let isFlag = try node.element(3) == .bool
        let shape = node.shape(of: mask)
        if shape.rank > 0, shape[-1] != 1, shape[-1] < keys {
            var after = [Int](repeating: 0, count: shape.rank)
            after[shape.rank - 1] = keys - shape[-1]
            let zeros = [Int](repeating: 0, count: shape.rank)
            mask = try node.add(
                Pad(before: zeros, after: after, value: isFlag ? 0 : -.infinity), mask)
        }
        if isFlag { return try restrict(node, mask) }
        if let known = try node.operand(3).known, known.doubles.values.allSatisfy(\.isFinite),
            shape.rank > 0, shape[-1] == 1 || shape[-1] == keys
        {
            added = mask
            return
        }
        try restrict(node, node.add(Binary(.greater), mask, node.constant(-3e38)))
        added = mask
    }

    private mutating func restrict(_ node: NodeConversion, _ condition: Value) throws {
        mayBeEmpty = true
        allowed = try allowed.map { try node.add(Binary(.multiply), $0, condition) } ?? condition
    }

    /// The scores with the mask as a bias.
    func biased(_ node: NodeConversion, _ scores: Value, hidden: Double = -.infinity) throws
        -> Value
    {
        var biased = scores
        if let added { biased = try node.add(Binary(.add), scores, added) }
        guard let allowed else { return biased }
        let shape = node.shape(of: biased)
        let wide = node.widenedShape(of: biased)
        let condition = try node.broadcast(allowed, to: shape, widened: wide)
        return try node.add(Select(), condition, biased, node.constant(hidden))
    }

    /// What each query takes of each key; nothing where it sees none.
    func weights(_ node: NodeConversion, _ scores: Value) throws -> Value {
        let hidden = try biased(node, scores, hidden: -1e30)
        let weights = try node.add(Softmax(axis: -1), hidden)
        guard mayBeEmpty, let allowed else { return weights }
        let seen =
            node.shape(of: allowed).rank == 0
            ? allowed
            : try node.add(Reduce(.maximum, axes: [-1], keepDimensions: true), allowed)
        return try node.add(Binary(.multiply), weights, seen)
    }
}
