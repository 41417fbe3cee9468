import Graphs
import Tensors

extension GradientCase {
    static let algebra: [GradientCase] =
        [false, true].flatMap { left in
            [false, true].flatMap { right -> [GradientCase] in
                let a: Shape = left ? [3, 2] : [2, 3]
                let b: Shape = right ? [4, 3] : [3, 4]
                let batched = { (shape: Shape) in Shape([2, 3] + shape.dimensions) }
                let forms: [(String, Shape, Shape)] = [
                    ("matrices", a, b), ("batches", batched(a), batched(b)),
                    ("shared right operand", batched(a), b),
                ]
                return forms.map { name, a, b in
                    GradientCase(
                        "MatrixMultiply \(name) \(left) \(right)", .normal(a), .normal(b)
                    ) {
                        try $0.multiplyMatrices(
                            $1[0], $1[1], transposeLeft: left, transposeRight: right)
                    }
                }
            }
        }

    static let composite: [GradientCase] = [
        GradientCase(
            "BatchNormalization images", .normal([3, 2, 2, 2]), .normal([2]), .normal([2])
        ) { try $0.normalizeBatch($1[0], scale: $1[1], offset: $1[2]).y },
        GradientCase(
            "BatchNormalization vectors", .normal([5, 3]), .normal([3]), .normal([3])
        ) { try $0.normalizeBatch($1[0], scale: $1[1], offset: $1[2], epsilon: 0.1).y },
        GradientCase(
            "BatchNormalizationInference", .normal([2, 3, 2, 2]), .normal([3]), .normal([3]),
            .normal([3]), .positive([3]), fixed: [3, 4]
        ) {
            try $0.normalize(
                $1[0], scale: $1[1], offset: $1[2], mean: $1[3], variance: $1[4], epsilon: 0.01)
        },
        GradientCase("AngleDifference", .normal([5, 3]), .normal([5, 4])) {
            try $0.angleDifference(
                $0.multiplyMatrices($1[0], $1[0], transposeRight: true),
                $0.multiplyMatrices($1[1], $1[1], transposeRight: true))
        },
        GradientCase("a value used three times", .normal([3])) {
            let square = try $0.multiply($1[0], $1[0])
            return try $0.add(square, $0.multiply(square, $1[0]))
        },
        GradientCase(
            "residual block", .normal([2, 2, 4, 4]), .normal([2, 2, 3, 3]), .positive([2]),
            .normal([2]), .normal([3, 2])
        ) {
            let y = try $0.convolve($1[0], weight: $1[1], padding: Padding(1))
            let normal = try $0.normalizeBatch(y, scale: $1[2], offset: $1[3]).y
            let sum = try $0.unary(.softplus, $0.add(normal, $1[0]))
            let pooled = try $0.globalAveragePool(sum)
            let logits = try $0.multiplyMatrices(pooled, $1[4], transposeRight: true)
            return try $0.logSoftmax(logits, axis: -1)
        },
        GradientCase("cosine", .normal([3, 5]), .normal([3, 5])) {
            let product = try $0.reduce(.sum, $0.multiply($1[0], $1[1]), axes: [-1])
            let left = try $0.squareRoot($0.reduce(.sum, $0.square($1[0]), axes: [-1]))
            let right = try $0.squareRoot($0.reduce(.sum, $0.square($1[1]), axes: [-1]))
            return try $0.divide(product, $0.multiply(left, right))
        },
    ]
}
