import Graphs
import Tensors

/// Matrix products.
enum DenseConverters {
    /// alpha a b + beta c.
    static func general(_ node: NodeConversion) throws -> [Operand] {
        let alpha = try node.attributes.number("alpha") ?? 1
        let beta = try node.attributes.number("beta") ?? 1
        let left = try node.attributes.integer("transA") ?? 0 != 0
        let right = try node.attributes.integer("transB") ?? 0 != 0
        node.attributes.ignore("broadcast")
        let a = try node.value(0)
        let b = try node.value(1)
        guard try node.shape(0).rank == 2, try node.shape(1).rank == 2 else {
            throw try node.malformed(
                "expects matrices, got \(node.shape(0)) and \(node.shape(1))")
        }
        var y = try node.add(MatrixMultiply(transposeLeft: left, transposeRight: right), a, b)
        if alpha != 1 { y = try node.add(Affine(scale: alpha), y) }
        guard node.has(2), beta != 0 else { return [try node.result(node.wrapped(y))] }
        let product = node.shape(of: y)
        guard try product.broadcast(with: node.shape(2)) == product else {
            throw try node.malformed("\(node.shape(2)) cannot be added to \(product)")
        }
        var c = try node.value(2)
        if beta != 1 { c = try node.add(Affine(scale: beta), c) }
        return [try node.result(node.wrapped(node.add(Binary(.add), y, c)))]
    }

    static func multiply(_ node: NodeConversion) throws -> [Operand] {
        let y = try product(node, node.value(0), node.value(1))
        return [try node.result(node.wrapped(y))]
    }

    /// (a - zero of a) (b - zero of b) in int32.
    static func multiplyIntegers(_ node: NodeConversion) throws -> [Operand] {
        var sides = [try node.value(0), try node.value(1)]
        for side in 0..<2 where node.has(2 + side) {
            var zero = try node.value(2 + side)
            if side == 0, try node.shape(2).rank == 1, try node.shape(2).count > 1 {
                // One zero for each row.
                zero = try node.add(Reshape(to: [.size(node.shape(2).count), .size(1)]), zero)
            }
            sides[side] = try node.add(Binary(.subtract), sides[side], zero)
        }
        let y = try product(node, sides[0], sides[1])
        return [try node.result(node.wrapped(y, .int32), .int32)]
    }

    /// The product under NumPy's rules: vectors gain an axis, leading axes broadcast.
    static func product(_ node: NodeConversion, _ left: Value, _ right: Value) throws -> Value {
        var a = left
        var b = right
        let isRow = node.shape(of: a).rank == 1
        let isColumn = node.shape(of: b).rank == 1
        guard node.shape(of: a).rank > 0, node.shape(of: b).rank > 0 else {
            throw node.malformed("a scalar cannot be a factor of a matrix product")
        }
        if isRow { a = try node.add(Reshape(to: [.size(1), .copy(0)]), a) }
        if isColumn { b = try node.add(Reshape(to: [.copy(0), .size(1)]), b) }
        let leading = Array(node.shape(of: a).dimensions.dropLast(2))
        let others = Array(node.shape(of: b).dimensions.dropLast(2))
        if leading != others && !others.isEmpty {
            guard let common = Shape(leading).broadcast(with: Shape(others)) else {
                throw node.malformed(
                    "\(node.shape(of: a)) and \(node.shape(of: b)) have no product")
            }
            let wide = Shape(Array(node.widenedShape(of: a).dimensions.dropLast(2)))
                .broadcast(with: Shape(Array(node.widenedShape(of: b).dimensions.dropLast(2))))
            if wide == nil { node.fixBatch() }
            a = try repeated(node, a, common, wide ?? common)
            b = try repeated(node, b, common, wide ?? common)
        }
        var y = try node.add(MatrixMultiply(transposeLeft: false, transposeRight: false), a, b)
        let rank = node.shape(of: y).rank
        if isRow || isColumn {
            let kept = (0..<rank).filter { axis in
                !(isRow && axis == rank - 2) && !(isColumn && axis == rank - 1)
            }
            y = try node.add(Reshape(to: kept.map { .copy($0) }), y)
        }
        return y
    }

    /// A factor with other leading axes than its own.
    private static func repeated(
        _ node: NodeConversion, _ value: Value, _ leading: Shape, _ widened: Shape
    ) throws -> Value {
        let matrix = node.shape(of: value).dimensions.suffix(2)
        let wide = node.widenedShape(of: value).dimensions.suffix(2)
        return try node.broadcast(
            value, to: Shape(leading.dimensions + matrix),
            widened: Shape(widened.dimensions + wide))
    }
}
