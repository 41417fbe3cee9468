import Graphs
import Tensors

/// Layers between quantised tensors, as onnxruntime's static quantisation writes them: computed on the numbers that the
/// integers stand for, then quantised again.
///
/// `y = saturate(round(f((a - za) sa, ...) / sy) + zy)`
enum QuantizedLayerConverters {
    static func convolution(_ node: NodeConversion) throws -> [Operand] {
        let x = try real(node, 0, 1, 2)
        let weight = try real(node, 3, 4, 5, axis: 0)
        let bias = try node.has(8) ? self.bias(node, 8, 1, 4) : nil
        let y = try ConvolutionConverters.convolve(node, x, weight, bias: bias)
        return [try quantized(node, y, 6, 7)]
    }

    /// com.microsoft.QGemm: a product with a bias in int32; without a scale of its own the result stays real.
    static func product(_ node: NodeConversion) throws -> [Operand] {
        let left = try node.attributes.integer("transA") ?? 0 != 0
        let right = try node.attributes.integer("transB") ?? 0 != 0
        let alpha = try node.attributes.number("alpha") ?? 1
        guard try node.shape(0).rank == 2, try node.shape(3).rank == 2 else {
            throw try node.malformed("expects matrices, got \(node.shape(0)) and \(node.shape(3))")
        }
        let a = try real(node, 0, 1, 2)
        let b = try real(node, 3, 4, 5, axis: right ? 0 : 1)
        var y = try node.add(MatrixMultiply(transposeLeft: left, transposeRight: right), a, b)
        if node.has(6) { y = try node.add(Binary(.add), y, bias(node, 6, 1, 4)) }
        if alpha != 1 { y = try node.add(Affine(scale: alpha), y) }
        guard node.has(7) else { return [try node.result(y, .float32)] }
        return [try quantized(node, y, 7, 8)]
    }

    static func binary(_ function: Binary.Function) -> ONNXOperatorTable.Converter {
        { node in
            let y = try node.add(Binary(function), real(node, 0, 1, 2), real(node, 3, 4, 5))
            return [try quantized(node, y, 6, 7)]
        }
    }

    static func unary(_ function: Unary.Function) -> ONNXOperatorTable.Converter {
        { node in
            [try quantized(node, node.add(Unary(function), real(node, 0, 1, 2)), 3, 4)]
        }
    }

    static func globalAveragePool(_ node: NodeConversion) throws -> [Operand] {
        guard try node.attributes.integer("channels_last") ?? 0 == 0 else {
            throw node.refusal("channels last are not supported")
        }
        let x = try real(node, 0, 1, 2)
        let axes = Array(2..<max(3, node.shape(of: x).rank))
        let y = try node.add(Reduce(.mean, axes: axes, keepDimensions: true), x)
        return [try quantized(node, y, 3, 4)]
    }

    static func concatenation(_ node: NodeConversion) throws -> [Operand] {
        guard node.inputCount >= 5, (node.inputCount - 2) % 3 == 0 else {
            throw node.malformed("expects a scale, a zero point and three inputs for each part")
        }
        let parts = try stride(from: 2, to: node.inputCount, by: 3).map {
            try real(node, $0, $0 + 1, $0 + 2)
        }
        let axis = try node.axis(
            node.attributes.integer("axis") ?? 1, rank: node.shape(of: parts[0]).rank)
        let y = try node.append(Concatenate(axis: axis), parts).output()
        return [try quantized(node, y, 0, 1)]
    }

    // MARK: Parts

    /// What integers stand for: `(x - zero) scale`, the scale for the whole tensor or along an axis.
    private static func real(
        _ node: NodeConversion, _ value: Int, _ scale: Int, _ zero: Int, axis: Int? = nil
    ) throws -> Value {
        let shape = try node.shape(value)
        var x = try node.value(value)
        if node.has(zero) {
            x = try node.add(Binary(.subtract), x, spread(node, zero, over: shape, axis))
        }
        return try node.add(Binary(.multiply), x, spread(node, scale, over: shape, axis))
    }

    /// A bias in int32: its scale is the product of both factors'.
    private static func bias(
        _ node: NodeConversion, _ value: Int, _ first: Int, _ second: Int
    ) throws -> Value {
        let shape = try node.shape(value)
        let one = try node.add(Binary(.multiply), node.value(value), scalar(node, first))
        return try node.add(
            Binary(.multiply), one, spread(node, second, over: shape, shape.rank - 1))
    }

    private static func quantized(
        _ node: NodeConversion, _ value: Value, _ scale: Int, _ zero: Int
    ) throws -> Operand {
        let ratio = try node.exactlyRounded(
            node.add(Binary(.divide), value, scalar(node, scale)))
        var y = try node.add(Pointwise(.roundHalfEven), ratio)
        var element = ElementType.uint8
        if node.has(zero) {
            element = try node.element(zero)
            y = try node.add(Binary(.add), y, scalar(node, zero))
        }
        return try node.result(QuantizationConverters.saturated(node, y, element), element)
    }

    private static func scalar(_ node: NodeConversion, _ index: Int) throws -> Value {
        guard try node.shape(index).count == 1 else {
            throw node.refusal("scales for each channel of what is computed are not supported")
        }
        let value = try node.value(index)
        return node.shape(of: value).rank == 0 ? value : try node.add(Reshape(to: []), value)
    }

    /// A scale or zero point ready to broadcast over a tensor.
    private static func spread(
        _ node: NodeConversion, _ index: Int, over shape: Shape, _ axis: Int?
    ) throws -> Value {
        let own = try node.shape(index)
        guard own.count > 1 else { return try scalar(node, index) }
        guard let axis, axis >= 0, axis < shape.rank, own.rank == 1, own[0] == shape[axis] else {
            throw node.refusal("a scale of shape \(own) is not supported")
        }
        let trailing = [ReshapeDimension](repeating: .size(1), count: shape.rank - 1 - axis)
        return try node.add(Reshape(to: [.copy(0)] + trailing), node.value(index))
    }
}
