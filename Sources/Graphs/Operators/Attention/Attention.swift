import Tensors

/// Attention as a composition of products and a softmax, so that it has a derivative and an ONNX form.
extension Graph {
    /// `softmax(scale Q Kᵀ + bias) V`
    ///
    /// - Parameters:
    ///   - scale: nil: 1 / sqrt(features).
    ///   - bias: added to the scores before the softmax; broadcasts to `[batch, heads, queries, keys]`.
    /// - Shapes: queries `[batch, heads, queries, features]`, keys `[batch, heads, keys, features]`, values
    ///   `[batch, heads, keys, outputs]`; `[batch, heads, queries, outputs]`.
    /// - Reference: Vaswani et al. 2017, 1706.03762.
    package mutating func attend(
        queries: Value, keys: Value, values: Value, scale: Double? = nil, bias: Value? = nil
    ) throws -> Value {
        let features = shape(of: queries)[-1]
        // On the queries the scale costs less than on the scores.
        let scaled = try affine(
            queries, scale: scale ?? 1 / Double(max(features, 1)).squareRoot(), offset: 0)
        var scores = try multiplyMatrices(scaled, keys, transposeRight: true)
        if let bias { scores = try add(scores, bias) }
        return try multiplyMatrices(softmax(scores, axis: -1), values)
    }

    /// Self-attention of several heads over a projection that holds queries, keys and values side by side.
    ///
    /// - Shapes: `[batch, tokens, 3 * width]` to `[batch, tokens, width]`; of each third, every head has
    ///   `width / heads` neighbouring features.
    /// - Throws: `GraphError.shape` where the heads do not divide the width.
    package mutating func attendToSelf(_ projection: Value, heads: Int) throws -> Value {
        let shape = shape(of: projection)
        guard shape.rank == 3, heads > 0, shape[2] % (3 * heads) == 0 else {
            throw GraphError(
                .shape,
                "attention of \(heads) heads expects [batch, tokens, 3 * heads * n], got \(shape)")
        }
        let width = shape[2] / 3
        let features = width / heads
        let parts = try (0..<3).map { part in
            let third = try slice(projection, axis: 2, start: part * width, length: width)
            let split = try reshape(third, [.copy(0), .copy(1), .size(heads), .size(features)])
            return try transpose(split, [0, 2, 1, 3])
        }
        let joined = try attend(queries: parts[0], keys: parts[1], values: parts[2])
        return try reshape(
            transpose(joined, [0, 2, 1, 3]), [.copy(0), .copy(1), .size(width)])
    }
}
