import Graphs
import Tensors

/// Operators of two and more operands under broadcasting.
enum ArithmeticConverters {
    static func binary(_ function: Binary.Function) -> ONNXOperatorTable.Converter {
        { node in
            try refuseOldBroadcast(node)
            let a = try node.value(0)
            let b = try node.value(1)
            return [try node.result(node.wrapped(node.add(Binary(function), a, b)))]
        }
    }

    static func divide(_ node: NodeConversion) throws -> [Operand] {
        try refuseOldBroadcast(node)
        let a = try node.value(0)
        let b = try node.value(1)
        guard try node.element(0).isFloatingPoint else {
            return [try node.result(node.wrapped(node.add(Arithmetic(.integerDivide), a, b)))]
        }
        let quotient = try node.add(Binary(.divide), a, b)
        return [try node.result(node.exactlyRounded(quotient))]
    }

    static func power(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        if node.has(1), let exponent = try node.operand(1).known, exponent.count == 1,
            exponent.doubles.values[0] == 2, exponent.shape.rank <= node.shape(of: x).rank
        {
            return [try node.result(node.wrapped(node.add(Unary(.square), x)))]
        }
        let y = try node.add(Binary(.power), x, node.value(1))
        let isFloat = try node.element(0).isFloatingPoint
        // A fractional power of an integer is cut to an integer.
        return [
            try node.result(isFloat ? y : node.add(Conversion(to: node.element(0)), y))
        ]
    }

    static func modulo(_ node: NodeConversion) throws -> [Operand] {
        let usesRemainder = try node.attributes.integer("fmod") ?? 0 != 0
        let a = try node.value(0)
        let b = try node.value(1)
        return [
            try node.result(node.add(Arithmetic(usesRemainder ? .remainder : .modulo), a, b))
        ]
    }

    static func compare(_ function: Binary.Function) -> ONNXOperatorTable.Converter {
        { node in
            try refuseOldBroadcast(node)
            let a = try node.value(0)
            let b = try node.value(1)
            return [try node.result(node.add(Binary(function), a, b), .bool)]
        }
    }

    static func test(_ function: Arithmetic.Function) -> ONNXOperatorTable.Converter {
        { node in
            try refuseOldBroadcast(node)
            let a = try node.value(0)
            let b = try node.value(1)
            return [try node.result(node.add(Arithmetic(function), a, b), .bool)]
        }
    }

    static func bits(_ function: Arithmetic.Function) -> ONNXOperatorTable.Converter {
        { node in
            let a = try node.value(0)
            let b = try node.value(1)
            return [try node.result(node.wrapped(node.add(Arithmetic(function), a, b)))]
        }
    }

    static func shift(_ node: NodeConversion) throws -> [Operand] {
        let direction = try node.attributes.text("direction") ?? ""
        guard direction == "LEFT" || direction == "RIGHT" else {
            throw node.malformed("direction '\(direction)' is not known")
        }
        guard try node.element(0) != .uint64, try node.element(0) != .int64 || direction == "RIGHT"
        else { throw node.refusal("64 bits are more than are carried exactly") }
        let operation = Arithmetic(direction == "LEFT" ? .shiftLeft : .shiftRight)
        let a = try node.value(0)
        let b = try node.value(1)
        return [try node.result(node.wrapped(node.add(operation, a, b)))]
    }

    /// Sum, Max, Min and Mean of any number of operands.
    static func fold(_ function: Binary.Function, mean: Bool = false) -> ONNXOperatorTable.Converter
    {
        { node in
            var total = try node.value(0)
            for index in 1..<max(node.inputCount, 1) {
                total = try node.add(Binary(function), total, node.value(index))
            }
            if mean { total = try node.add(Affine(scale: 1 / Double(node.inputCount)), total) }
            return [try node.result(node.wrapped(total))]
        }
    }

    static func choose(_ node: NodeConversion) throws -> [Operand] {
        let condition = try node.value(0)
        let a = try node.value(1)
        let b = try node.value(2)
        return [try node.result(node.add(Select(), condition, a, b), node.element(1))]
    }

    /// Before operator set 7 broadcasting had to be asked for.
    private static func refuseOldBroadcast(_ node: NodeConversion) throws {
        if node.attributes.has("broadcast") || node.attributes.has("axis") {
            throw node.refusal("broadcasting along an axis is of an older standard")
        }
    }
}
