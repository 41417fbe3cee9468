import Graphs
import Tensors

/// Linear quantisation: integers with a scale and a zero point.
enum QuantizationConverters {
    /// (x - zero) scale.
    static func dequantize(_ node: NodeConversion) throws -> [Operand] {
        try refuseBlocks(node)
        node.attributes.ignore("output_dtype")
        let axis = try node.attributes.integer("axis") ?? 1
        var x = try node.value(0)
        if node.has(2) {
            let zero = try along(node, node.value(2), axis)
            x = try node.add(Binary(.subtract), x, zero)
        }
        let scale = try along(node, node.value(1), axis)
        let y = try node.add(Binary(.multiply), x, scale)
        return [try node.result(y, node.element(1))]
    }

    /// round(x / scale) + zero, saturated.
    static func quantize(_ node: NodeConversion) throws -> [Operand] {
        try refuseBlocks(node)
        node.attributes.ignore("saturate", "precision")
        let axis = try node.attributes.integer("axis") ?? 1
        var element = ElementType.uint8
        if let number = try node.attributes.integer("output_dtype"), number != 0 {
            element = try ElementType(onnx: Int32(clamping: number), node: node.name)
        }
        if node.has(2) { element = try node.element(2) }
        let scale = try along(node, node.value(1), axis)
        let ratio = try node.exactlyRounded(node.add(Binary(.divide), node.value(0), scale))
        var y = try node.add(Pointwise(.roundHalfEven), ratio)
        if node.has(2) {
            y = try node.add(Binary(.add), y, along(node, node.value(2), axis))
        }
        return [try node.result(saturated(node, y, element), element)]
    }

    /// Quantises to uint8 by the range of the input, zero included.
    static func dynamicQuantize(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let zero = try node.constant(0)
        let low = try node.add(Binary(.minimum), node.add(Reduce(.minimum), x), zero)
        let high = try node.add(Binary(.maximum), node.add(Reduce(.maximum), x), zero)
        let range = try node.add(Binary(.subtract), high, low)
        let scale = try node.exactlyRounded(
            node.add(Binary(.divide), range, node.constant(255)))
        let start = try node.exactlyRounded(
            node.add(Unary(.negate), node.add(Binary(.divide), low, scale)))
        let point = try node.add(
            Pointwise(.roundHalfEven), node.add(Clip(minimum: 0, maximum: 255), start))
        let ratio = try node.exactlyRounded(node.add(Binary(.divide), x, scale))
        let rounded = try node.add(Pointwise(.roundHalfEven), ratio)
        let y = try saturated(node, node.add(Binary(.add), rounded, point), .uint8)
        return try [
            node.result(y, .uint8), node.result(scale, .float32), node.result(point, .uint8),
        ]
    }

    /// A product of quantised matrices, quantised again.
    static func quantizedProduct(_ node: NodeConversion) throws -> [Operand] {
        func real(_ value: Int, _ scale: Int, _ zero: Int) throws -> Value {
            guard try node.shape(scale).count == 1, try node.shape(zero).count == 1 else {
                throw node.refusal("scales for each row or column are not supported")
            }
            let centred = try node.add(
                Binary(.subtract), node.value(value), scalar(node, node.value(zero)))
            return try node.add(Binary(.multiply), centred, scalar(node, node.value(scale)))
        }
        let product = try DenseConverters.product(node, real(0, 1, 2), real(3, 4, 5))
        guard try node.shape(6).count == 1, try node.shape(7).count == 1 else {
            throw node.refusal("scales for each row or column are not supported")
        }
        let ratio = try node.add(Binary(.divide), product, scalar(node, node.value(6)))
        let rounded = try node.add(Pointwise(.roundHalfEven), ratio)
        let y = try node.add(Binary(.add), rounded, scalar(node, node.value(7)))
        return [try node.result(saturated(node, y, node.element(7)), node.element(7))]
    }

    // MARK: Parts

    private static func refuseBlocks(_ node: NodeConversion) throws {
        if try node.attributes.integer("block_size") ?? 0 != 0 {
            throw node.refusal("scales for blocks are not supported")
        }
    }

    private static func scalar(_ node: NodeConversion, _ value: Value) throws -> Value {
        node.shape(of: value).rank == 0 ? value : try node.add(Reshape(to: []), value)
    }

    /// A scale or zero point ready to broadcast along its axis.
    private static func along(_ node: NodeConversion, _ value: Value, _ axis: Int) throws -> Value {
        let rank = try node.shape(0).rank
        let shape = node.shape(of: value)
        if shape.count == 1 { return try scalar(node, value) }
        let axis = try node.axis(axis, rank: rank)
        guard shape.rank == 1, try shape[0] == node.shape(0)[axis] else {
            throw node.refusal("a scale of shape \(shape) is not supported")
        }
        let trailing = [ReshapeDimension](repeating: .size(1), count: rank - 1 - axis)
        return try node.add(Reshape(to: [.copy(0)] + trailing), value)
    }

    static func saturated(
        _ node: NodeConversion, _ value: Value, _ element: ElementType
    ) throws -> Value {
        let bits = element.byteCount * 8
        switch element {
        case .uint8, .uint16:
            let maximum = Double(1 << bits) - 1
            return try node.add(Clip(minimum: 0, maximum: maximum), value)
        case .int8, .int16:
            let half = Double(1 << (bits - 1))
            return try node.add(Clip(minimum: -half, maximum: half - 1), value)
        default:
            throw node.refusal("quantising to \(element.rawValue) is not supported")
        }
    }
}
