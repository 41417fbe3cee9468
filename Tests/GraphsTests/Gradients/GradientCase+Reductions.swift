import Graphs
import Tensors

extension GradientCase {
    static let reductions: [GradientCase] =
        Reduce.Function.allCases.flatMap { function -> [GradientCase] in
            let forms: [(axes: [Int], keeps: Bool)] = [
                ([], false), ([], true), ([0], false), ([-1], true), ([0, 2], false),
                ([1, -1], true),
            ]
            return forms.map { axes, keeps in
                GradientCase("Reduce \(function.rawValue) \(axes) \(keeps)", .distinct([2, 3, 4])) {
                    try $0.reduce(function, $1[0], axes: axes, keepDimensions: keeps)
                }
            }
        }
        + [
            GradientCase("ReduceLike", .normal([2, 3, 4]), .normal([3, 1]), fixed: [1]) {
                try $0.reduce($1[0], like: $1[1])
            },
            GradientCase("BroadcastLike", .normal([3, 1]), .normal([2, 3, 4]), fixed: [1]) {
                try $0.broadcast($1[0], like: $1[1])
            },
            GradientCase("Softmax last axis", .normal([3, 4])) { try $0.softmax($1[0], axis: -1) },
            GradientCase("Softmax first axis", .normal([3, 4])) { try $0.softmax($1[0], axis: 0) },
            GradientCase("Softmax middle axis", .normal([2, 3, 2])) {
                try $0.softmax($1[0], axis: 1)
            },
            GradientCase("LogSoftmax last axis", .normal([3, 4])) {
                try $0.logSoftmax($1[0], axis: 1)
            },
            GradientCase("LogSoftmax middle axis", .normal([2, 3, 2])) {
                try $0.logSoftmax($1[0], axis: -2)
            },
        ]
}
