import Graphs
import Tensors

/// Normalisation over the batch, channels, groups and layers.
enum NormalizationConverters {
    static func batch(_ node: NodeConversion) throws -> [Operand] {
        let epsilon = try node.attributes.number("epsilon") ?? 1e-5
        node.attributes.ignore("momentum", "is_test", "consumed_inputs")
        if try node.attributes.integer("training_mode") ?? 0 != 0 {
            throw node.refusal("training mode is not supported")
        }
        if try node.attributes.integer("spatial") ?? 1 == 0 {
            throw node.refusal("statistics for each pixel are not supported")
        }
        let x = try node.value(0)
        let others = try (1..<5).map { try node.value($0) }
        let operation = BatchNormalizationInference(epsilon: epsilon)
        return [try node.result(node.append(operation, [x] + others).output())]
    }

    static func instance(_ node: NodeConversion) throws -> [Operand] {
        let epsilon = try node.attributes.number("epsilon") ?? 1e-5
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        guard rank >= 3 else { throw node.malformed("expects [batch, channels, ...]") }
        let y = try standardized(node, x, Array(2..<rank), epsilon).y
        return [try node.result(scaled(node, y, node.value(1), node.value(2), rank))]
    }

    static func group(_ node: NodeConversion) throws -> [Operand] {
        let epsilon = try node.attributes.number("epsilon") ?? 1e-5
        let groups = try node.attributes.integer("num_groups") ?? 0
        node.attributes.ignore("stash_type")
        let x = try node.value(0)
        let shape = node.shape(of: x)
        guard shape.rank >= 3, groups > 0, shape[1] % groups == 0 else {
            throw node.malformed("\(groups) groups do not divide \(shape)")
        }
        guard node.opset >= 21 else {
            throw node.refusal("before operator set 21 its scale is one for each group")
        }
        let parts = try node.add(Reshape(to: [.copy(0), .size(groups), .infer]), x)
        let y = try standardized(node, parts, [2], epsilon).y
        let restored = try node.add(ReshapeLike(), y, x)
        return [try node.result(scaled(node, restored, node.value(1), node.value(2), shape.rank))]
    }

    static func layer(_ node: NodeConversion) throws -> [Operand] {
        let epsilon = try node.attributes.number("epsilon") ?? 1e-5
        node.attributes.ignore("stash_type")
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        let first = try node.axis(node.attributes.integer("axis") ?? -1, rank: rank)
        // The moments are rarely asked for; one operator does all else.
        if node.outputCount == 1, try node.shape(1).rank == 1, first == rank - 1,
            node.shape(of: x).count > 0, try !node.has(2) || node.shape(2) == node.shape(1)
        {
            let extent = node.shape(of: x)[first]
            let offset =
                try node.has(2)
                ? node.value(2) : node.constant(Tensor(shape: [extent], repeating: 0))
            let operation = LayerNormalization(axis: -1, epsilon: epsilon)
            return [try node.result(node.add(operation, x, node.value(1), offset))]
        }
        let (y, mean, inverse) = try standardized(node, x, Array(first..<rank), epsilon)
        var result = try node.add(Binary(.multiply), y, node.value(1))
        if node.has(2) { result = try node.add(Binary(.add), result, node.value(2)) }
        guard node.shape(of: result) == node.shape(of: x) else {
            throw node.malformed("the scale does not fit \(node.shape(of: x))")
        }
        return try [
            node.result(result), node.result(mean, .float32), node.result(inverse, .float32),
        ]
    }

    /// x / sqrt(mean(x^2) + epsilon) scale.
    static func rootMeanSquare(_ node: NodeConversion) throws -> [Operand] {
        let epsilon = try node.attributes.number("epsilon") ?? 1e-5
        node.attributes.ignore("stash_type")
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        let first = try node.axis(node.attributes.integer("axis") ?? -1, rank: rank)
        let squares = try node.add(Unary(.square), x)
        let mean = try node.add(
            Reduce(.mean, axes: Array(first..<rank), keepDimensions: true), squares)
        let root = try node.add(Unary(.squareRoot), node.add(Affine(offset: epsilon), mean))
        let y = try node.add(Binary(.divide), x, root)
        return [try node.result(node.add(Binary(.multiply), y, node.value(1)))]
    }

    static func power(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let axis = try node.axis(
            node.attributes.integer("axis") ?? -1, rank: node.shape(of: x).rank)
        let p = try node.attributes.integer("p") ?? 2
        guard p == 1 || p == 2 else { throw node.malformed("p = \(p) is neither 1 nor 2") }
        let parts = try node.add(Unary(p == 1 ? .absolute : .square), x)
        var norm = try node.add(Reduce(.sum, axes: [axis], keepDimensions: true), parts)
        if p == 2 { norm = try node.add(Unary(.squareRoot), norm) }
        // A vector of zeros stays one.
        let isZero = try node.add(Binary(.equal), norm, node.constant(0))
        let divisor = try node.add(Binary(.add), norm, isZero)
        return [try node.result(node.add(Binary(.divide), x, divisor))]
    }

    /// (x - mean) / standard deviation, over the axes 0, 2, 3 unless told otherwise.
    static func meanVariance(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let rank = node.shape(of: x).rank
        let axes = try node.axes(node.attributes.integers("axes") ?? [0, 2, 3], rank: rank)
        let mean = try node.add(Reduce(.mean, axes: axes, keepDimensions: true), x)
        let centred = try node.add(Binary(.subtract), x, mean)
        let variance = try node.add(
            Reduce(.mean, axes: axes, keepDimensions: true), node.add(Unary(.square), centred))
        let deviation = try node.add(Affine(offset: 1e-9), node.add(Unary(.squareRoot), variance))
        return [try node.result(node.add(Binary(.divide), centred, deviation))]
    }

    static func localResponse(_ node: NodeConversion) throws -> [Operand] {
        guard let size = try node.attributes.integer("size"), size > 0, size < 1 << 20 else {
            throw node.malformed("lacks a positive size")
        }
        let operation = LocalResponseNormalization(
            size: size, alpha: try node.attributes.number("alpha") ?? 1e-4,
            beta: try node.attributes.number("beta") ?? 0.75,
            bias: try node.attributes.number("bias") ?? 1)
        return [try node.result(node.add(operation, node.value(0)))]
    }

    // MARK: Parts

    /// (x - mean) / sqrt(variance + epsilon), with the mean and the inverse deviation.
    private static func standardized(
        _ node: NodeConversion, _ x: Value, _ axes: [Int], _ epsilon: Double
    ) throws -> (y: Value, mean: Value, inverse: Value) {
        let mean = try node.add(Reduce(.mean, axes: axes, keepDimensions: true), x)
        let centred = try node.add(Binary(.subtract), x, mean)
        let variance = try node.add(
            Reduce(.mean, axes: axes, keepDimensions: true), node.add(Unary(.square), centred))
        let inverse = try node.add(
            Unary(.reciprocal),
            node.add(Unary(.squareRoot), node.add(Affine(offset: epsilon), variance)))
        return (try node.add(Binary(.multiply), centred, inverse), mean, inverse)
    }

    /// y scale + offset with one of either for each channel.
    private static func scaled(
        _ node: NodeConversion, _ y: Value, _ scale: Value, _ offset: Value, _ rank: Int
    ) throws -> Value {
        guard node.shape(of: scale).rank == 1, node.shape(of: offset).rank == 1 else {
            throw node.malformed("scale and offset should have one value for each channel")
        }
        let trailing = [ReshapeDimension](repeating: .size(1), count: rank - 2)
        let wide = try node.add(Reshape(to: [.copy(0)] + trailing), scale)
        let shift = try node.add(Reshape(to: [.copy(0)] + trailing), offset)
        return try node.add(Binary(.add), node.add(Binary(.multiply), y, wide), shift)
    }
}
