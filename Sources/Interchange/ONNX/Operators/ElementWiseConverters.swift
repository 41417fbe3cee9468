import Graphs
import Tensors

/// Element-wise operators of one operand.
enum ElementWiseConverters {
    static func unary(_ function: Unary.Function) -> ONNXOperatorTable.Converter {
        { node in
            let y = try node.add(Unary(function), node.value(0))
            return [try node.result(node.wrapped(y))]
        }
    }

    static func pointwise(_ function: Pointwise.Function) -> ONNXOperatorTable.Converter {
        { node in [try node.result(node.add(Pointwise(function), node.value(0)))] }
    }

    static func not(_ node: NodeConversion) throws -> [Operand] {
        let isZero = try node.add(Binary(.equal), node.value(0), node.constant(0))
        return [try node.result(isZero, .bool)]
    }

    /// NaN alone differs from itself.
    static func isNaN(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let isNumber = try node.add(Binary(.equal), x, x)
        return [try node.result(node.add(Affine(scale: -1, offset: 1), isNumber), .bool)]
    }

    static func infinite(_ node: NodeConversion) throws -> [Operand] {
        let negative = try node.attributes.integer("detect_negative") ?? 1
        let positive = try node.attributes.integer("detect_positive") ?? 1
        let function = Pointwise.Function.isInfinite(
            negative: negative != 0, positive: positive != 0)
        return [try node.result(node.add(Pointwise(function), node.value(0)), .bool)]
    }

    static func bitwiseNot(_ node: NodeConversion) throws -> [Operand] {
        let y = try node.add(Pointwise(.bitwiseNot), node.value(0))
        return [try node.result(node.wrapped(y))]
    }

    static func rectify(_ node: NodeConversion) throws -> [Operand] {
        [try node.result(node.add(Rectifier(), node.value(0)))]
    }

    /// max(0, x) - alpha max(0, -x).
    static func leakyRectify(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 0.01
        let x = try node.value(0)
        let positive = try node.add(Rectifier(), x)
        let negative = try node.add(Clip(maximum: 0), x)
        return [
            try node.result(
                node.add(Binary(.add), positive, node.add(Affine(scale: alpha), negative)))
        ]
    }

    static func parametricRectify(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let slope = try node.value(1)
        return [try node.result(node.add(Arithmetic(.leak), x, slope))]
    }

    static func exponentialLinear(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 1
        return [try pointwise(.exponentialLinear(alpha: alpha, gamma: 1), node)]
    }

    static func scaledExponentialLinear(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 1.67326319217681884765625
        let gamma = try node.attributes.number("gamma") ?? 1.05070102214813232421875
        return [try pointwise(.exponentialLinear(alpha: alpha, gamma: gamma), node)]
    }

    static func continuousExponentialLinear(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 1
        return [try pointwise(.continuouslyDifferentiable(alpha: alpha), node)]
    }

    static func thresholdedRectify(_ node: NodeConversion) throws -> [Operand] {
        try [pointwise(.thresholded(node.attributes.number("alpha") ?? 1), node)]
    }

    static func shrink(_ node: NodeConversion) throws -> [Operand] {
        let limit = try node.attributes.number("lambd") ?? 0.5
        let bias = try node.attributes.number("bias") ?? 0
        return [try pointwise(.shrink(limit: limit, bias: bias), node)]
    }

    /// min(max(alpha x + beta, 0), 1).
    static func hardSigmoid(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? Double(Float(0.2))
        let beta = try node.attributes.number("beta") ?? 0.5
        let line = try node.add(Affine(scale: alpha, offset: beta), node.value(0))
        return [try node.result(node.add(Clip(minimum: 0, maximum: 1), line))]
    }

    static func gelu(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        guard try node.attributes.text("approximate") == "tanh" else {
            return [try node.result(node.add(Unary(.gelu), x))]
        }
        // x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
        let square = try node.add(Unary(.square), x)
        let inner = try node.add(
            Binary(.multiply), x, node.add(Affine(scale: 0.044715, offset: 1), square))
        let root = (2 / Double.pi).squareRoot()
        let bent = try node.add(Unary(.tanh), node.add(Affine(scale: root), inner))
        let gate = try node.add(Affine(scale: 0.5, offset: 0.5), bent)
        return [try node.result(node.add(Binary(.multiply), x, gate))]
    }

    /// x sigmoid(alpha x).
    static func swish(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 1
        let x = try node.value(0)
        let gate = try node.add(Unary(.sigmoid), node.add(Affine(scale: alpha), x))
        return [try node.result(node.add(Binary(.multiply), x, gate))]
    }

    /// a sigmoid(alpha a) b.
    static func gatedSwish(_ node: NodeConversion) throws -> [Operand] {
        guard try node.shape(0) == node.shape(1) else {
            throw try node.malformed("\(node.shape(0)) and \(node.shape(1)) differ")
        }
        guard let gate = try swish(node).first?.value else { throw node.malformed("has no gate") }
        return [try node.result(node.add(Binary(.multiply), gate, node.value(1)))]
    }

    static func clip(_ node: NodeConversion) throws -> [Operand] {
        var bounds = (minimum: -Double.infinity, maximum: Double.infinity)
        if node.opset < 11 {
            bounds.minimum = try node.attributes.number("min") ?? bounds.minimum
            bounds.maximum = try node.attributes.number("max") ?? bounds.maximum
        } else {
            if node.has(1) { bounds.minimum = try node.number(1, "the minimum") }
            if node.has(2) { bounds.maximum = try node.number(2, "the maximum") }
        }
        guard !bounds.minimum.isNaN, !bounds.maximum.isNaN else {
            throw node.malformed("a bound is not a number")
        }
        // Where the bounds cross, the upper one holds, as the standard says.
        bounds.minimum = min(bounds.minimum, bounds.maximum)
        return [
            try node.result(
                node.add(Clip(minimum: bounds.minimum, maximum: bounds.maximum), node.value(0)))
        ]
    }

    static func identity(_ node: NodeConversion) throws -> [Operand] {
        var operand = try node.operand(0)
        operand.value = try operand.known == nil ? node.value(0) : nil
        return [operand]
    }

    /// Inference only: the identity, and a mask of ones.
    static func dropout(_ node: NodeConversion) throws -> [Operand] {
        node.attributes.ignore("seed", "ratio", "is_test")
        let isDropping = try node.has(1) ? node.number(1, "the ratio") != 0 : true
        if isDropping, node.has(2), try node.number(2, "the training mode") != 0 {
            throw node.refusal("dropout in training mode draws random numbers")
        }
        let x = try node.value(0)
        guard node.outputCount > 1 else { return [try node.result(x)] }
        let mask = try node.add(Pointwise(.one), x)
        return [try node.result(x), try node.result(mask, .bool)]
    }

    static func cast(_ node: NodeConversion) throws -> [Operand] {
        node.attributes.ignore("saturate", "round_mode")
        guard let number = try node.attributes.integer("to") else {
            throw node.malformed("lacks its attribute 'to'")
        }
        let target = try ElementType(
            onnx: Int32(clamping: number), node: "\(node.name) (\(node.kind))")
        return [try convert(node, to: target)]
    }

    static func castLike(_ node: NodeConversion) throws -> [Operand] {
        node.attributes.ignore("saturate", "round_mode")
        let target = try node.element(1)
        let source = try node.operand(0)
        guard let known = source.known, !source.isParameter, source.widened == nil,
            known.count <= 1 << 16
        else { return [try convert(node, to: target)] }
        // The other operand gives its type alone, so the result is known whatever it holds.
        let values = try Conversion(to: target).evaluate([known.doubles], outputs: [])[0]
        return [Operand(KnownTensor(values, element: target))]
    }

    private static func convert(_ node: NodeConversion, to target: ElementType) throws -> Operand {
        let source = try node.element(0)
        if source == target || source.widens(to: target) {
            return try node.result(node.value(0), target)
        }
        return try node.result(node.add(Conversion(to: target), node.value(0)), target)
    }

    private static func pointwise(
        _ function: Pointwise.Function, _ node: NodeConversion
    ) throws -> Operand {
        try node.result(node.add(Pointwise(function), node.value(0)))
    }
}

extension ElementType {
    /// Whether every value of this type is one of the other too.
    func widens(to other: ElementType) -> Bool {
        switch (self, other) {
        case (.float16, .float32), (.float16, .float64), (.bfloat16, .float32),
            (.bfloat16, .float64), (.float32, .float64), (.bool, _), (_, .float64):
            true
        case (.int8, .int16), (.int8, .int32), (.int8, .int64), (.int16, .int32), (.int16, .int64),
            (.int32, .int64), (.uint8, .uint16), (.uint8, .uint32), (.uint8, .uint64),
            (.uint8, .int16), (.uint8, .int32), (.uint8, .int64), (.uint16, .uint32),
            (.uint16, .uint64), (.uint16, .int32), (.uint16, .int64), (.uint32, .uint64),
            (.uint32, .int64), (.int8, .float32), (.uint8, .float32), (.int16, .float32),
            (.uint16, .float32), (.int8, .float16), (.uint8, .float16):
            true
        default: false
        }
    }
}

extension NodeConversion {
    /// Lets integers wrap around as their type does; floats pass.
    func wrapped(_ value: Value, _ element: ElementType? = nil) throws -> Value {
        let type = try element ?? self.element(0)
        guard !type.isFloatingPoint, type != .int64, type != .bool else { return value }
        return try add(Conversion(to: type), value)
    }

    /// Rounds a quotient as float32 arithmetic would, where a later rounding to integers depends on it.
    func exactlyRounded(_ value: Value) throws -> Value {
        guard model.roundsToIntegers else { return value }
        return try add(Conversion(to: .float32), value)
    }
}
