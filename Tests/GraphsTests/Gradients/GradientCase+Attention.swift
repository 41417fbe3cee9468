import Graphs
import Tensors

extension GradientCase {
    static let attention: [GradientCase] = [
        GradientCase("LayerNormalization tokens", .normal([2, 3, 5]), .normal([5]), .normal([5])) {
            try $0.normalizeLayer($1[0], scale: $1[1], offset: $1[2], epsilon: 0.01)
        },
        GradientCase(
            "LayerNormalization maps", .normal([2, 4, 2, 3]), .normal([4]), .normal([4])
        ) { try $0.normalizeLayer($1[0], scale: $1[1], offset: $1[2], axis: 1, epsilon: 0.01) },
        GradientCase("BroadcastTo sizes", .normal([3, 1])) {
            try $0.add(BroadcastTo([.size(2), .keep, .size(4)]), $1[0])
        },
        GradientCase("BroadcastTo batch", .normal([1, 2]), .normal([3, 1]), fixed: [1]) {
            try $0.repeatForBatch($1[0], of: $1[1])
        },
        GradientCase(
            "attention", .normal([2, 2, 3, 4]), .normal([2, 2, 5, 4]), .normal([2, 2, 5, 3]),
            .normal([2, 1, 3, 5])
        ) {
            try $0.attend(queries: $1[0], keys: $1[1], values: $1[2], bias: $1[3])
        },
        GradientCase("self-attention", .normal([2, 3, 12])) {
            try $0.attendToSelf($1[0], heads: 2)
        },
        GradientCase(
            "transformer block", .normal([2, 3, 4]), .normal([4]), .normal([4]), .normal([12, 4]),
            .normal([4, 4])
        ) {
            let normal = try $0.normalizeLayer($1[0], scale: $1[1], offset: $1[2], epsilon: 0.1)
            let projection = try $0.multiplyMatrices(normal, $1[3], transposeRight: true)
            let joined = try $0.attendToSelf(projection, heads: 2)
            let output = try $0.multiplyMatrices(joined, $1[4], transposeRight: true)
            return try $0.unary(.gelu, $0.add($1[0], output))
        },
    ]
}
