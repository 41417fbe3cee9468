import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Reduction {
        static let cases: [(Shape, [[Int]])] = [
            ([], [[]]), ([9], [[], [0]]), ([1], [[]]), ([5, 7], [[], [0], [1], [-1], [0, 1]]),
            ([3, 4, 5], [[0], [1], [2], [0, 2], [1, 2], [0, 1]]),
            (
                [2, 3, 4, 5],
                [
                    [], [0], [1], [2], [3], [2, 3], [0, 2, 3], [1, 2, 3], [0, 1], [-1, -2], [1, 3],
                ]
            ),
            ([4, 17, 5, 3], [[1], [0, 2, 3], [2, 3], [0], [1, 2]]),
            ([3, 64, 4, 4], [[2, 3], [1], [0, 2, 3]]),
            ([8, 130, 8, 8], [[0, 2, 3], [2, 3], [], [1]]),
            ([3, 1, 40, 50], [[1], [2, 3], [0, 2, 3], []]),
            ([2, 3, 2, 3, 2], [[1, 3], [0, 2, 4]]),
            ([70_000], [[]]), ([40_000, 3], [[0], [1]]), ([200, 300], [[0], [1]]),
        ]

        @Test(arguments: Reduce.Function.allCases)
        func reduces(function: Reduce.Function) throws {
            var oracle = Oracle(seed: 21)
            for (shape, axesList) in Self.cases {
                for axes in axesList {
                    var graph = Graph()
                    let x = try graph.input("x", shape)
                    for keeps in [true, false] {
                        let y = try graph.reduce(function, x, axes: axes, keepDimensions: keeps)
                        graph.output("y\(keeps)", y)
                        if function == .mean {
                            graph.output(
                                "g\(keeps)",
                                try graph.add(
                                    ReduceMeanGradient(axes: axes, keepDimensions: keeps), y, x))
                        }
                    }
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 2e-6)
                }
            }
        }

        @Test func reducesLikeAReference() throws {
            var oracle = Oracle(seed: 22)
            let cases: [(Shape, Shape)] = [
                ([2, 3, 4, 5], [3, 1, 1]), ([2, 3, 4, 5], [5]), ([2, 3, 4, 5], []),
                ([2, 3, 4, 5], [2, 3, 4, 5]), ([2, 3, 4, 5], [1, 3, 1, 1]),
                ([2, 1, 4, 5], [2, 1, 1, 1]),
                ([4, 6], [6]), ([4, 6], [4, 1]), ([4, 6], [1, 1]), ([3, 4, 6], [4, 6]),
            ]
            for (shape, reference) in cases {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let like = try graph.input("like", reference)
                graph.output("y", try graph.add(ReduceLike(), x, like))
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 2e-6)
            }
        }

        @Test func sumsOfManyAreExact() throws {
            var graph = Graph()
            let x = try graph.input("x", [1 << 20])
            graph.output("mean", try graph.reduce(.mean, x))
            let plan = try CPUExecutor().compile(graph, store: StateStore())
            try plan.feed("x", Tensor(shape: [1 << 20], repeating: 0.1))
            try plan.run()
            #expect(abs(try plan.scalar("mean") - 0.1) < 3e-8)
        }

        @Test func argumentOfTheMaximum() throws {
            var oracle = Oracle(seed: 23)
            for shape in [Shape([7]), [4, 9], [2, 5, 3], [2, 6, 3, 4]] {
                for axis in 0..<shape.rank {
                    var graph = Graph()
                    let x = try graph.input("x", shape)
                    graph.output("y", try graph.argMax(x, axis: axis))
                    graph.output(
                        "kept", try graph.argMax(x, axis: axis - shape.rank, keepDimensions: true))
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 0)
                }
            }
        }

        @Test func softmaxes() throws {
            var oracle = Oracle(seed: 24)
            for shape in [
                Shape([7]), [4, 9], [64, 10], [2, 5, 3], [2, 6, 3, 4], [2, 17, 3, 3],
            ] {
                for axis in 0..<shape.rank {
                    var graph = Graph()
                    let x = try graph.input("x", shape)
                    let g = try graph.input("g", shape)
                    let soft = try graph.softmax(x, axis: axis)
                    let log = try graph.logSoftmax(x, axis: axis - shape.rank)
                    graph.output("soft", soft)
                    graph.output("log", log)
                    graph.output(
                        "softGradient", try graph.add(SoftmaxGradient(axis: axis), soft, g))
                    graph.output(
                        "logGradient", try graph.add(LogSoftmaxGradient(axis: axis), log, g))
                    try oracle.check(graph, feeds: oracle.feeds(graph, in: -9...9), tolerance: 3e-6)
                }
            }
        }

        @Test func products() throws {
            var oracle = Oracle(seed: 25)
            let cases: [(Shape, Shape)] = [
                ([3, 4], [4, 5]), ([1, 7], [7, 1]), ([2, 3, 4], [2, 4, 5]), ([2, 3, 4], [4, 5]),
                ([2, 3, 4, 5], [2, 3, 5, 6]), ([2, 3, 4, 5], [5, 2]), ([64, 130], [130, 33]),
            ]
            for (a, b) in cases {
                for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
                    var graph = Graph()
                    let x = try graph.input("x", left ? swapped(a) : a)
                    let y = try graph.input("y", right ? swapped(b) : b)
                    graph.output(
                        "z",
                        try graph.multiplyMatrices(x, y, transposeLeft: left, transposeRight: right)
                    )
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 3e-6)
                }
            }
        }

        private func swapped(_ shape: Shape) -> Shape {
            var shape = shape
            (shape[-1], shape[-2]) = (shape[-2], shape[-1])
            return shape
        }
    }
}
