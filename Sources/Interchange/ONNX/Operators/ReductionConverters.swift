import Graphs
import Tensors

/// Sums, extremes and norms over axes.
enum ReductionConverters {
    /// How a reduction is composed: a function of each element, the reduction, a function of the result.
    static func reduce(
        _ function: GeneralReduction.Function, mean: Bool = false,
        before: Unary.Function? = nil, after: Unary.Function? = nil
    ) -> ONNXOperatorTable.Converter {
        { node in
            guard let (axes, keeps) = try axes(node) else {
                // No axes and told to do nothing with none of them: only the functions apply.
                var y = try node.value(0)
                if let before { y = try node.add(Unary(before), y) }
                if let after { y = try node.add(Unary(after), y) }
                return [try node.result(y)]
            }
            var x = try node.value(0)
            if let before { x = try node.add(Unary(before), x) }
            var y = try reduced(node, x, function, mean: mean, axes, keeps)
            if let after { y = try node.add(Unary(after), y) }
            let isFloat = try node.element(0).isFloatingPoint
            if !isFloat, mean || after != nil {
                return [try node.result(node.add(Conversion(to: node.element(0)), y))]
            }
            return [try node.result(node.wrapped(y))]
        }
    }

    /// log(sum(exp(x))), kept from overflowing by the largest element.
    static func logSumExp(_ node: NodeConversion) throws -> [Operand] {
        guard let (axes, keeps) = try axes(node) else {
            return try ElementWiseConverters.identity(node)
        }
        let x = try node.value(0)
        let isEmpty = axes.contains { node.shape(of: x)[$0] == 0 }
        guard !isEmpty else {
            let sum = try reduced(node, node.add(Unary(.exp), x), .sum, mean: false, axes, keeps)
            return [try node.result(node.add(Unary(.logarithm), sum))]
        }
        let largest = try reduced(node, x, .maximum, mean: false, axes, true)
        let shifted = try node.add(Binary(.subtract), x, largest)
        let sum = try reduced(node, node.add(Unary(.exp), shifted), .sum, mean: false, axes, true)
        var y = try node.add(Binary(.add), node.add(Unary(.logarithm), sum), largest)
        if !keeps {
            let kept = (0..<node.shape(of: x).rank).filter { !axes.contains($0) }
            y = try node.add(Reshape(to: kept.map { .copy($0) }), y)
        }
        return [try node.result(y)]
    }

    static func extremeIndex(largest: Bool) -> ONNXOperatorTable.Converter {
        { node in
            let x = try node.value(0)
            let axis = try node.axis(
                node.attributes.integer("axis") ?? 0, rank: node.shape(of: x).rank)
            let keeps = try node.attributes.integer("keepdims") ?? 1 != 0
            let last = try node.attributes.integer("select_last_index") ?? 0 != 0
            if largest && !last {
                return [
                    try node.result(node.add(ArgMax(axis: axis, keepDimensions: keeps), x), .int64)
                ]
            }
            let ranking = Ranking(axis: axis, count: 1, largest: largest, lastWins: last)
            var index = try node.append(ranking, [x]).output(1)
            if !keeps {
                let kept = (0..<node.shape(of: x).rank).filter { $0 != axis }
                index = try node.add(Reshape(to: kept.map { .copy($0) }), index)
            }
            return [try node.result(index, .int64)]
        }
    }

    static func top(_ node: NodeConversion) throws -> [Operand] {
        let x = try node.value(0)
        let axis = try node.axis(
            node.attributes.integer("axis") ?? -1, rank: node.shape(of: x).rank)
        let largest = try node.attributes.integer("largest") ?? 1 != 0
        node.attributes.ignore("sorted")
        let named = try node.attributes.integer("k")
        let count = try named ?? node.integers(1, "k").first ?? 0
        let both = try node.append(Ranking(axis: axis, count: count, largest: largest), [x])
        return [try node.result(both.output(0)), try node.result(both.output(1), .int64)]
    }

    static func cumulate(product: Bool) -> ONNXOperatorTable.Converter {
        { node in
            let exclusive = try node.attributes.integer("exclusive") ?? 0 != 0
            let reverse = try node.attributes.integer("reverse") ?? 0 != 0
            let x = try node.value(0)
            let axis = try node.axis(
                node.integers(1, "the axis").first ?? 0, rank: node.shape(of: x).rank)
            let sum = CumulativeSum(
                axis: axis, exclusive: exclusive, reverse: reverse, isProduct: product)
            return [try node.result(node.wrapped(node.add(sum, x)))]
        }
    }

    // MARK: Parts

    /// The axes to reduce, counted from the front; nil where nothing is to be reduced.
    static func axes(_ node: NodeConversion) throws -> (axes: [Int], keeps: Bool)? {
        let rank = try node.shape(0).rank
        let keeps = try node.attributes.integer("keepdims") ?? 1 != 0
        let doesNothing = try node.attributes.integer("noop_with_empty_axes") ?? 0 != 0
        let named = try ShapingConverters.axes(node) ?? []
        if named.isEmpty && doesNothing { return nil }
        return (named.isEmpty ? Array(0..<rank) : try node.axes(named, rank: rank), keeps)
    }

    /// A reduction by the engine where it can, by the general one where it cannot.
    static func reduced(
        _ node: NodeConversion, _ x: Value, _ function: GeneralReduction.Function, mean: Bool,
        _ axes: [Int], _ keeps: Bool
    ) throws -> Value {
        let isEmpty = axes.contains { node.shape(of: x)[$0] == 0 }
        // The engine takes no axes for all of them; a scalar has none at all.
        if axes.isEmpty { return x }
        let fast: Reduce.Function? =
            switch function {
            case .product: nil
            case .sum: mean ? .mean : .sum
            case .maximum: .maximum
            case .minimum: .minimum
            }
        if let fast, !isEmpty {
            return try node.add(Reduce(fast, axes: axes, keepDimensions: keeps), x)
        }
        let y = try node.add(GeneralReduction(function, axes: axes, keepDimensions: keeps), x)
        if isEmpty, !mean, try !node.element(0).isFloatingPoint {
            // Integers have no infinity: the extremes of nothing are those of the type.
            return try node.add(
                Clip(minimum: node.element(0).lowest, maximum: node.element(0).highest), y)
        }
        return mean ? try node.add(Affine(scale: .nan), y) : y
    }
}

extension ElementType {
    /// The smallest value of an integer type.
    fileprivate var lowest: Double {
        switch self {
        case .int8, .int16, .int32, .int64:
            -Double(sign: .plus, exponent: byteCount * 8 - 1, significand: 1)
        case .uint8, .uint16, .uint32, .uint64, .bool: 0
        default: -.infinity
        }
    }

    /// The largest value of an integer type, or the nearest below it that float64 holds.
    fileprivate var highest: Double {
        switch self {
        case .int8, .int16, .int32:
            Double(sign: .plus, exponent: byteCount * 8 - 1, significand: 1) - 1
        case .uint8, .uint16, .uint32:
            Double(sign: .plus, exponent: byteCount * 8, significand: 1) - 1
        case .int64: 0x1p63
        case .uint64: 0x1p64
        case .bool: 1
        default: .infinity
        }
    }
}
