import Graphs
import Tensors

/// Softmax and its relatives.
enum ProbabilityConverters {
    static func softmax(_ node: NodeConversion) throws -> [Operand] {
        try normalized(node) { Softmax(axis: $0) }
    }

    static func logSoftmax(_ node: NodeConversion) throws -> [Operand] {
        try normalized(node) { LogSoftmax(axis: $0) }
    }

    /// One at the largest element, zero elsewhere.
    static func hardmax(_ node: NodeConversion) throws -> [Operand] {
        let (x, axis, isFlattened) = try operand(node)
        let depth = node.shape(of: x)[axis]
        let index = try node.add(ArgMax(axis: axis, keepDimensions: false), x)
        let y = try node.add(OneHotRows(axis: axis, depth: depth, off: 0, on: 1), index)
        return [
            try node.result(isFlattened ? node.add(ReshapeLike(), y, node.value(0)) : y)
        ]
    }

    private static func normalized(
        _ node: NodeConversion, _ operation: (Int) -> any Operator
    ) throws -> [Operand] {
        let (x, axis, isFlattened) = try operand(node)
        let y = try node.add(operation(axis), x)
        return [
            try node.result(isFlattened ? node.add(ReshapeLike(), y, node.value(0)) : y)
        ]
    }

    /// Before operator set 13 everything from the axis on is one distribution.
    private static func operand(
        _ node: NodeConversion
    ) throws -> (x: Value, axis: Int, isFlattened: Bool) {
        let x = try node.value(0)
        let shape = node.shape(of: x)
        let named = try node.attributes.integer("axis") ?? (node.opset < 13 ? 1 : -1)
        let axis = try node.axis(named, rank: shape.rank)
        let rest = shape.dimensions[(axis + 1)...].reduce(1, *)
        if node.opset >= 13 || rest == 1 { return (x, axis, false) }
        let length = shape[axis] * rest
        let dimensions: [ReshapeDimension] =
            switch axis {
            case 0: [.size(1), .size(length)]
            case 1: [.copy(0), .size(length)]
            default: [.size(shape.dimensions[..<axis].reduce(1, *)), .size(length)]
            }
        return (try node.add(Reshape(to: dimensions), x), 1, true)
    }
}
