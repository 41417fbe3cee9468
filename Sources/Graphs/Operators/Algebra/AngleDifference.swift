package import Tensors

/// How much the angles between all triplets of points differ between two sets of points.
///
/// `y = (1/n^3) sum_ijk huber(c_ijk(G) - c_ijk(H))`, `c_ijk(G) = cos(x_j - x_i, x_k - x_i)`
/// `= (G_jk - G_ij - G_ik + G_ii) / (d_ij d_ik)`, `d_ij^2 = G_ii + G_jj - 2 G_ij`; `huber(x) = x^2 / 2` for
/// `|x| < 1`, else `|x| - 1/2`. An angle at which a side has no length counts as a cosine of 0: what is below
/// 1e-6 of the points' own squared lengths is rounding. Memory is `[n, n]` however many triplets there are.
/// - Shapes: inputs the Gram matrices G and H of the points, `[n, n]`; y a scalar.
package struct AngleDifference: Operator {
    package static let kind = "AngleDifference"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        try AngleDifference.expectGrams(inputs, of: self)
        return [TensorType(.scalar, inputs[0].element)]
    }

    static func expectGrams(_ inputs: [TensorType], of operation: any Operator) throws {
        let shape = inputs[0].shape
        guard shape.rank == 2, shape[0] == shape[1], shape[0] > 0 else {
            throw GraphError(
                .shape, "\(operation.kind) expects Gram matrices [n, n], got \(shape)")
        }
        try operation.expect("the second Gram matrix", inputs[1], shape: shape)
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let count = inputs[0].shape[0]
        let first = AnglesAtAnchor.Points(gram: inputs[0].values, count: count)
        let second = AnglesAtAnchor.Points(gram: inputs[1].values, count: count)
        var sum = 0.0
        for anchor in 0..<count {
            let (left, right) = (
                AnglesAtAnchor(first, anchor: anchor), AnglesAtAnchor(second, anchor: anchor)
            )
            for j in 0..<count {
                for k in 0..<count {
                    let difference = abs(left.cosine(j, k) - right.cosine(j, k))
                    sum += difference < 1 ? difference * difference / 2 : difference - 0.5
                }
            }
        }
        return [Tensor(scalar: sum / Double(count * count * count))]
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        8 * inputs[0].shape.count * inputs[0].shape[0]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil] }
        let (a, b) = (node.inputs[0], node.inputs[1])
        // The Huber function is even, so the sets of points change places.
        return [
            needed[0] ? try graph.add(AngleDifferenceGradient(), g, a, b) : nil,
            needed[1] ? try graph.add(AngleDifferenceGradient(), g, b, a) : nil,
        ]
    }
}

/// The gradient of `AngleDifference` by its first Gram matrix, whose elements count as independent.
///
/// With `w = g huber'(c(G) - c(H)) / n^3` at a triplet: `dG_jk, dG_ii += w / (d_ij d_ik)`,
/// `dG_ij, dG_ik -= w / (d_ij d_ik)`, and through each side's `d^2`, `dG_ii, dG_jj += e`, `dG_ij -= 2 e`.
/// - Shapes: inputs g, a scalar, and the Gram matrices `[n, n]`; dG `[n, n]`.
package struct AngleDifferenceGradient: Operator {
    package static let kind = "AngleDifferenceGradient"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        try expect("the gradient", inputs[0], shape: .scalar)
        try AngleDifference.expectGrams(Array(inputs[1...]), of: self)
        return [inputs[1]]
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        16 * inputs[1].shape.count * inputs[1].shape[0]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let count = outputs[0].shape[0]
        let first = AnglesAtAnchor.Points(gram: inputs[1].values, count: count)
        let second = AnglesAtAnchor.Points(gram: inputs[2].values, count: count)
        let scale = inputs[0].values[0] / Double(count * count * count)
        var flow = [Double](repeating: 0, count: count * count)
        for anchor in 0..<count {
            let left = AnglesAtAnchor(first, anchor: anchor)
            let right = AnglesAtAnchor(second, anchor: anchor)
            // What flows into 1 / d of each side.
            var sides = [Double](repeating: 0, count: count)
            for j in 0..<count {
                for k in 0..<count {
                    let slope = max(-1, min(1, left.cosine(j, k) - right.cosine(j, k)))
                    let weight = scale * slope
                    let (own, other) = (left.inverseDistances[j], left.inverseDistances[k])
                    let product = weight * left.product(j, k)
                    sides[j] += product * other
                    sides[k] += product * own
                    let direct = weight * own * other
                    flow[j * count + k] += direct
                    flow[anchor * count + j] -= direct
                    flow[anchor * count + k] -= direct
                    flow[anchor * count + anchor] += direct
                }
            }
            for j in 0..<count {
                let inverse = left.inverseDistances[j]
                let squared = -0.5 * sides[j] * inverse * inverse * inverse
                flow[anchor * count + anchor] += squared
                flow[j * count + j] += squared
                flow[anchor * count + j] -= 2 * squared
            }
        }
        return [Tensor(shape: outputs[0].shape, values: flow)]
    }
}

/// The angles at one point between the lines to all pairs of others.
private struct AnglesAtAnchor {
    /// A Gram matrix.
    struct Points {
        let gram: [Double]
        let count: Int
    }

    let points: Points
    let anchor: Int
    /// 1 / d to each point, 0 where two points lie together.
    let inverseDistances: [Double]

    init(_ points: Points, anchor: Int) {
        self.points = points
        self.anchor = anchor
        let (gram, count) = (points.gram, points.count)
        let own = gram[anchor * count + anchor]
        inverseDistances = (0..<count).map { other in
            let lengths = own + gram[other * count + other]
            let squared = lengths - 2 * gram[anchor * count + other]
            return squared > 1e-6 * lengths ? 1 / squared.squareRoot() : 0
        }
    }

    /// `(x_j - x_i) (x_k - x_i)`
    func product(_ j: Int, _ k: Int) -> Double {
        let (gram, count) = (points.gram, points.count)
        return gram[j * count + k] - gram[anchor * count + j] - gram[anchor * count + k]
            + gram[anchor * count + anchor]
    }

    func cosine(_ j: Int, _ k: Int) -> Double {
        product(j, k) * inverseDistances[j] * inverseDistances[k]
    }
}

extension Graph {
    /// How much the angles of all triplets differ between two sets of points, given their Gram matrices.
    package mutating func angleDifference(_ first: Value, _ second: Value) throws -> Value {
        try add(AngleDifference(), first, second)
    }
}
