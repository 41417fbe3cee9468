package import Tensors

/// The product of matrices, alone or in batches.
///
/// `y = op(left) op(right)`, op transposing the last two axes where asked.
/// - Shapes: `[..., m, k]` and `[..., k, n]` before transposition; leading axes equal, or `right` of rank 2.
package struct MatrixMultiply: Operator {
    package static let kind = "MatrixMultiply"
    package let transposeLeft: Bool
    package let transposeRight: Bool

    package init(transposeLeft: Bool = false, transposeRight: Bool = false) {
        self.transposeLeft = transposeLeft
        self.transposeRight = transposeRight
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("transposeLeft", .flag(transposeLeft)), ("transposeRight", .flag(transposeRight))]
    }

    /// Rows, inner extent and columns of the product of two shapes.
    package func extents(_ left: Shape, _ right: Shape) -> (m: Int, k: Int, n: Int) {
        (
            m: left[transposeLeft ? -1 : -2], k: left[transposeLeft ? -2 : -1],
            n: right[transposeRight ? -2 : -1]
        )
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let left = inputs[0].shape
        let right = inputs[1].shape
        guard left.rank >= 2, right.rank >= 2 else {
            throw GraphError(
                .shape,
                "MatrixMultiply expects matrices [..., rows, columns], got \(left) and \(right)")
        }
        let leading = left.dimensions.dropLast(2)
        guard right.rank == 2 || leading.elementsEqual(right.dimensions.dropLast(2)) else {
            throw GraphError(
                .shape,
                "MatrixMultiply expects equal leading extents or a right operand of rank 2, got "
                    + "\(left) and \(right)")
        }
        let (m, k, n) = extents(left, right)
        let rows = right[transposeRight ? -1 : -2]
        guard k == rows else {
            let form = { (flag: Bool) in flag ? " transposed" : "" }
            throw GraphError(
                .shape,
                "MatrixMultiply of \(left)\(form(transposeLeft)) and \(right)\(form(transposeRight)): "
                    + "inner extents \(k) and \(rows) differ")
        }
        return [TensorType(Shape(leading + [m, n]), inputs[0].element)]
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        outputs[0].shape.count * extents(inputs[0].shape, inputs[1].shape).k
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let a = inputs[0]
        let b = inputs[1]
        let (m, k, n) = extents(a.shape, b.shape)
        let aSteps = transposeLeft ? (row: 1, inner: m) : (row: k, inner: 1)
        let bSteps = transposeRight ? (inner: 1, column: k) : (inner: n, column: 1)
        let batches = a.shape.dimensions.dropLast(2).reduce(1, *)
        var values: [Double] = []
        values.reserveCapacity(batches * m * n)
        for batch in 0..<batches {
            let aStart = batch * m * k
            let bStart = b.shape.rank == 2 ? 0 : batch * k * n
            for row in 0..<m {
                for column in 0..<n {
                    var sum = 0.0
                    for inner in 0..<k {
                        sum +=
                            a.values[aStart + row * aSteps.row + inner * aSteps.inner]
                            * b.values[bStart + inner * bSteps.inner + column * bSteps.column]
                    }
                    values.append(sum)
                }
            }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil] }
        let a = node.inputs[0]
        let b = node.inputs[1]
        return [
            needed[0] ? try leftGradient(g, b, in: &graph) : nil,
            needed[1] ? try rightGradient(g, a, b, in: &graph) : nil,
        ]
    }

    /// dA = G op(B)ᵀ, transposed where A was.
    private func leftGradient(_ g: Value, _ b: Value, in graph: inout Graph) throws -> Value {
        let shared = graph.shape(of: b).rank == 2 && graph.shape(of: g).rank > 2
        if transposeLeft && !shared {
            return try graph.multiplyMatrices(
                b, g, transposeLeft: transposeRight, transposeRight: true)
        }
        let flow = try graph.multiplyMatrices(g, b, transposeRight: !transposeRight)
        return transposeLeft ? try graph.transposeMatrices(flow) : flow
    }

    /// dB = op(A)ᵀ G, transposed where B was, summed over the batches that share B.
    private func rightGradient(
        _ g: Value, _ a: Value, _ b: Value, in graph: inout Graph
    ) throws -> Value {
        var (g, a, transposed) = (g, a, transposeLeft)
        if graph.shape(of: b).rank == 2 && graph.shape(of: g).rank > 2 {
            // Batches that share the right operand are just further rows.
            if transposed {
                a = try graph.transposeMatrices(a)
                transposed = false
            }
            a = try graph.reshape(a, [.infer, .copy(-1)])
            g = try graph.reshape(g, [.infer, .copy(-1)])
        }
        return transposeRight
            ? try graph.multiplyMatrices(g, a, transposeLeft: true, transposeRight: transposed)
            : try graph.multiplyMatrices(a, g, transposeLeft: !transposed)
    }
}

extension Graph {
    /// The product of matrices, `[..., m, k] x [..., k, n]`.
    package mutating func multiplyMatrices(
        _ a: Value, _ b: Value, transposeLeft: Bool = false, transposeRight: Bool = false
    ) throws -> Value {
        try add(
            MatrixMultiply(transposeLeft: transposeLeft, transposeRight: transposeRight), a, b)
    }

    /// The last two axes exchanged.
    package mutating func transposeMatrices(_ x: Value) throws -> Value {
        let rank = shape(of: x).rank
        return try transpose(x, Array(0..<(rank - 2)) + [rank - 1, rank - 2])
    }
}
