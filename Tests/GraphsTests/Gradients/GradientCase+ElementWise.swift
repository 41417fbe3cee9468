import Graphs
import Tensors

extension GradientCase {
    static let elementWise: [GradientCase] =
        Unary.Function.allCases.filter { $0 != .step && $0 != .sign }.map { function in
            let operand: Operand =
                switch function {
                case .logarithm, .squareRoot, .reciprocal: .positive([2, 5])
                // Both sides of the corners at -3, 0 and 3.
                case .hardSigmoid, .hardSwish, .absolute: .distinct([5, 8])
                default: .normal([2, 5])
                }
            return GradientCase("Unary \(function.rawValue)", operand) {
                try $0.unary(function, $1[0])
            }
        }
        + Binary.Function.allCases.filter { $0 != .greater && $0 != .equal }.flatMap {
            function in
            let shapes: [(Shape, Shape)] = [
                ([2, 3], [2, 3]), ([2, 3], [3]), ([3], [2, 3]), ([2, 1, 3], [4, 1]), ([], [2, 2]),
                ([1, 3], [2, 1]),
            ]
            return shapes.map { left, right in
                GradientCase(
                    "Binary \(function.rawValue) \(left) \(right)", .positive(left),
                    .positive(right)
                ) {
                    try $0.add(Binary(function), $1[0], $1[1])
                }
            }
        }
        + [
            GradientCase("Affine", .normal([3])) { try $0.affine($1[0], scale: -2.5, offset: 3) },
            GradientCase("Affine shift", .normal([3])) { try $0.affine($1[0], offset: 3) },
            GradientCase("Clip", .distinct([20])) { try $0.clip($1[0], minimum: -1, maximum: 0.7) },
            GradientCase("Clip below", .distinct([20])) { try $0.clip($1[0], minimum: -1) },
            GradientCase("Rectifier", .distinct([9])) { try $0.rectify($1[0]) },
            GradientCase(
                "Select", .whole([2, 3], below: 2), .normal([2, 3]), .normal([2, 3]), fixed: [0]
            ) { try $0.select($1[0], $1[1], $1[2]) },
            GradientCase(
                "Select broadcasting", .whole([4, 1], below: 2), .normal([3]), .normal([2, 1, 1]),
                fixed: [0]
            ) { try $0.select($1[0], $1[1], $1[2]) },
        ]
}
