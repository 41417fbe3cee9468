import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct ElementWise {
        static let shapes: [Shape] = [
            [], [1], [7], [3, 5], [2, 3, 4], [1, 1, 1, 1], [2, 3, 5, 7], [2, 16, 4, 4],
            [3, 17, 2, 5],
            [2, 3, 2, 3, 2], [2, 32, 32, 33],
        ]

        @Test(arguments: Unary.Function.allCases)
        func unary(function: Unary.Function) throws {
            var oracle = Oracle(seed: 1)
            for shape in Self.shapes {
                var graph = Graph()
                let x = try graph.input("x", shape)
                graph.output("y", try graph.add(Unary(function), x))
                let range: ClosedRange<Double> =
                    switch function {
                    case .logarithm, .squareRoot, .reciprocal: 0.01...9
                    default: -4...4
                    }
                try oracle.check(
                    graph, feeds: oracle.feeds(graph, in: range), tolerance: 1e-6)
            }
        }

        /// Relative error over the whole range, not only relative to the largest value.
        @Test func transcendentalAccuracy() throws {
            let cases: [(Unary.Function, ClosedRange<Double>, Double)] = [
                (.exp, -80...80, 4e-7), (.logarithm, 1e-6...1e6, 4e-7), (.tanh, -9...9, 4e-7),
                (.sigmoid, -30...30, 4e-7), (.erf, -4...4, 6e-7), (.softplus, -20...20, 6e-7),
            ]
            for (function, range, tolerance) in cases {
                var oracle = Oracle(seed: 2)
                var graph = Graph()
                graph.output("y", try graph.add(Unary(function), graph.input("x", [5000])))
                let feed = oracle.random([5000], in: range)
                let plan = try CPUExecutor().compile(graph, store: StateStore())
                try plan.feed("x", feed)
                try plan.run()
                let found = try plan.read("y")
                let expected = try Unary(function).evaluate(
                    [feed.map(Double.init)], outputs: [TensorType([5000])])[0]
                var worst = 0.0
                for index in found.values.indices {
                    let exact = expected.values[index]
                    worst = max(
                        worst, abs(Double(found.values[index]) - exact) / max(abs(exact), 1e-30))
                }
                #expect(worst < tolerance, "\(function)")
            }
        }

        @Test func limitsOfFunctions() throws {
            var graph = Graph()
            let x = try graph.input("x", [6])
            for function in [Unary.Function.exp, .logarithm, .tanh, .sigmoid, .erf] {
                graph.output(function.rawValue, try graph.add(Unary(function), x))
            }
            let plan = try CPUExecutor().compile(graph, store: StateStore())
            let values: [Float] = [.infinity, -.infinity, .nan, 0, 1000, -1000]
            try plan.feed("x", Tensor(shape: [6], values: values))
            try plan.run()
            let exponential = try plan.read("exp").values
            #expect(exponential[0] == .infinity && exponential[1] == 0 && exponential[2].isNaN)
            #expect(exponential[3] == 1 && exponential[4] == .infinity && exponential[5] == 0)
            let logarithm = try plan.read("logarithm").values
            #expect(logarithm[0] == .infinity && logarithm[1].isNaN && logarithm[2].isNaN)
            #expect(logarithm[3] == -.infinity && logarithm[5].isNaN)
            for name in ["tanh", "erf"] {
                let odd = try plan.read(name).values
                #expect(odd[0] == 1 && odd[1] == -1 && odd[2].isNaN && odd[3] == 0 && odd[5] == -1)
            }
            let sigmoid = try plan.read("sigmoid").values
            #expect(sigmoid[0] == 1 && sigmoid[1] == 0 && sigmoid[2].isNaN && sigmoid[4] == 1)
        }

        static let broadcasts: [(Shape, Shape)] = [
            ([], [3]), ([5], []), ([4, 5], [5]), ([4, 1], [5]), ([4, 1], [4, 5]),
            ([1, 5], [4, 1]),
            ([2, 3, 4, 5], [2, 3, 4, 5]), ([2, 3, 4, 5], [1, 3, 1, 1]), ([2, 3, 4, 5], [5]),
            ([2, 3, 4, 5], [3, 1, 1]), ([2, 1, 4, 5], [2, 3, 1, 1]), ([2, 3, 1, 1], [2, 1, 4, 5]),
            ([2, 17, 3, 3], [2, 1, 3, 3]), ([8, 32, 16, 16], [1, 32, 1, 1]),
            ([8, 3, 40, 40], [8, 1, 1, 1]), ([2, 3, 4], [3, 1]),
        ]

        @Test(arguments: Binary.Function.allCases)
        func binary(function: Binary.Function) throws {
            var oracle = Oracle(seed: 3)
            for (a, b) in Self.broadcasts {
                for (left, right) in [(a, b), (b, a)] {
                    var graph = Graph()
                    let x = try graph.input("x", left)
                    let y = try graph.input("y", right)
                    graph.output("z", try graph.add(Binary(function), x, y))
                    let range: ClosedRange<Double> = function == .power ? 0.2...3 : 0.5...2
                    try oracle.check(graph, feeds: oracle.feeds(graph, in: range), tolerance: 1e-6)
                }
            }
        }

        @Test func selectClipAffineAndRectifier() throws {
            var oracle = Oracle(seed: 4)
            for shape in Self.shapes {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let y = try graph.input("y", shape)
                let scalar = try graph.input("s", [])
                graph.output("affine", try graph.affine(x, scale: -1.5, offset: 0.25))
                graph.output("clip", try graph.clip(x, minimum: -0.3, maximum: 0.4))
                let positive = try graph.rectify(x)
                graph.output("rectify", positive)
                graph.output("gradient", try graph.add(RectifierGradient(), positive, y))
                graph.output("select", try graph.select(graph.greater(x, y), x, y))
                graph.output("broadcast", try graph.select(graph.greater(x, y), scalar, y))
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-6)
            }
        }

        @Test func anInputUsedTwiceIsNotOverwritten() throws {
            var oracle = Oracle(seed: 5)
            var graph = Graph()
            let x = try graph.input("x", [2, 3, 4, 4])
            let a = try graph.affine(x, scale: 2, offset: 1)
            let b = try graph.multiply(a, a)
            let c = try graph.add(b, a)
            let d = try graph.rectify(c)
            graph.output("y", try graph.subtract(d, graph.add(b, c)))
            try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-6)
        }
    }
}
