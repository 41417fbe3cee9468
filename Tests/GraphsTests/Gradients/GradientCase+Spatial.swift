import Graphs
import Tensors

extension GradientCase {
    static let spatial: [GradientCase] = [
        convolution("plain", x: [2, 2, 4, 3], weight: [3, 2, 3, 2], Convolution()),
        convolution("pointwise", x: [2, 3, 2, 2], weight: [2, 3, 1, 1], Convolution()),
        convolution(
            "strides and padding", x: [1, 2, 5, 6], weight: [2, 2, 3, 3],
            Convolution(strides: [2, 1], padding: Padding(1))),
        convolution(
            "uneven padding", x: [1, 1, 4, 4], weight: [1, 1, 3, 3],
            Convolution(strides: [2, 2], padding: Padding(top: 0, left: 2, bottom: 1, right: 0))),
        convolution(
            "dilation", x: [1, 1, 6, 7], weight: [2, 1, 2, 3],
            Convolution(padding: Padding(1), dilations: [2, 3])),
        convolution(
            "groups", x: [2, 4, 3, 3], weight: [6, 2, 2, 2], Convolution(groups: 2)),
        convolution(
            "depthwise", x: [1, 3, 4, 4], weight: [3, 1, 3, 3],
            Convolution(strides: [2, 2], padding: Padding(1), groups: 3)),
        convolution(
            "rows and columns unused by the stride", x: [1, 1, 6, 6], weight: [1, 1, 2, 2],
            Convolution(strides: [3, 4])),
        [
            GradientCase(
                "Convolution without bias", .normal([1, 1, 3, 3]), .normal([1, 1, 2, 2])
            ) { try $0.convolve($1[0], weight: $1[1]) }
        ],

        pool("plain", [2, 2, 4, 4], window: [2, 2]),
        pool("overlapping", [1, 2, 5, 5], window: [3, 3], strides: [2, 2], padding: Padding(1)),
        pool("ceil mode", [1, 1, 5, 6], window: [2, 2], strides: [2, 2], ceilMode: true),
        pool(
            "ceil mode with padding", [1, 1, 6, 6], window: [3, 3], strides: [2, 2],
            padding: Padding(1), ceilMode: true),
        pool(
            "uneven", [1, 1, 5, 4], window: [3, 2], strides: [1, 2],
            padding: Padding(top: 1, left: 0, bottom: 2, right: 1)),

        [
            GradientCase("global average", .normal([2, 3, 2, 2])) {
                try $0.globalAveragePool($1[0])
            }
        ],
    ].flatMap { $0 }

    private static func convolution(
        _ name: String, x: Shape, weight: Shape, _ operation: Convolution
    ) -> [GradientCase] {
        [
            GradientCase("Convolution \(name)", .normal(x), .normal(weight), .normal([weight[0]])) {
                try $0.add(operation, $1[0], $1[1], $1[2])
            }
        ]
    }

    private static func pool(
        _ name: String, _ x: Shape, window: [Int], strides: [Int]? = nil,
        padding: Padding = .none, ceilMode: Bool = false
    ) -> [GradientCase] {
        [
            GradientCase("MaximumPool \(name)", .distinct(x)) {
                try $0.maximumPool(
                    $1[0], window: window, strides: strides, padding: padding, ceilMode: ceilMode)
            }
        ]
            + [true, false].map { counts in
                GradientCase("AveragePool \(name), counting padding: \(counts)", .normal(x)) {
                    try $0.averagePool(
                        $1[0], window: window, strides: strides, padding: padding,
                        ceilMode: ceilMode, countsPadding: counts)
                }
            }
    }
}
