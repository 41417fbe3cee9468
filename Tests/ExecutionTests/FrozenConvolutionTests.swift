import Execution
import Foundation
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    /// Convolutions of frozen networks in bfloat16, and batches that are worked through in slices.
    @Suite struct FrozenConvolutions {
        private static let frozen = PlanOptions(
            threads: 2, inference: true, precision: .bfloat16)

        struct Layer: CustomTestStringConvertible, Sendable {
            var inputs: Int
            var outputs: Int
            var height: Int
            var width: Int
            var kernel = 3
            var stride = 1
            var dilation = 1
            var padding = Padding(1)
            var hasBias = true
            var adds = false
            var rectifies = false
            /// Nil where the library's own may run.
            var implementation: String?

            var testDescription: String {
                "\(inputs) to \(outputs) channels, \(height) x \(width), kernel \(kernel), "
                    + "stride \(stride), dilation \(dilation), \(padding), bias \(hasBias), "
                    + "residual \(adds), rectifier \(rectifies): \(implementation ?? "any")"
            }

            static let winograd = "WinogradConvolutionKernel"
            static let direct = "DirectConvolutionKernel"
            static let narrow = "NarrowConvolutionKernel"

            static let all: [Layer] = [
                // Even and odd maps, padding on some sides only, a panel of 32 outputs.
                Layer(inputs: 64, outputs: 64, height: 8, width: 8, implementation: winograd),
                Layer(
                    inputs: 96, outputs: 96, height: 9, width: 11, rectifies: true,
                    implementation: winograd),
                Layer(
                    inputs: 64, outputs: 160, height: 7, width: 7, adds: true, rectifies: true,
                    implementation: winograd),
                Layer(
                    inputs: 64, outputs: 64, height: 12, width: 10, padding: .none, hasBias: false,
                    implementation: winograd),
                Layer(
                    inputs: 64, outputs: 64, height: 9, width: 8,
                    padding: Padding(top: 2, left: 0, bottom: 0, right: 3), implementation: winograd
                ),
                Layer(
                    inputs: 64, outputs: 64, height: 9, width: 8, adds: true,
                    implementation: winograd),
                // Wide enough that several units and threads share the tiles.
                Layer(inputs: 256, outputs: 64, height: 16, width: 16, implementation: winograd),
                Layer(
                    inputs: 64, outputs: 256, height: 7, width: 5, kernel: 1, padding: .none,
                    adds: true, rectifies: true, implementation: direct),
                Layer(
                    inputs: 70, outputs: 96, height: 8, width: 8, kernel: 1, stride: 2,
                    padding: .none, implementation: direct),
                Layer(
                    inputs: 64, outputs: 96, height: 11, width: 9, stride: 2, rectifies: true,
                    implementation: direct),
                Layer(
                    inputs: 66, outputs: 64, height: 9, width: 9, stride: 2, dilation: 2,
                    padding: Padding(2), hasBias: false, implementation: direct),
                Layer(
                    inputs: 64, outputs: 64, height: 6, width: 6, kernel: 5, padding: Padding(2),
                    adds: true, implementation: direct),
                Layer(
                    inputs: 3, outputs: 64, height: 32, width: 30, kernel: 7, stride: 2,
                    padding: Padding(3), rectifies: true, implementation: narrow),
                Layer(
                    inputs: 3, outputs: 32, height: 17, width: 19, kernel: 3, stride: 2,
                    padding: Padding(top: 0, left: 0, bottom: 1, right: 1),
                    implementation: narrow),
                Layer(
                    inputs: 1, outputs: 96, height: 9, width: 13, hasBias: false,
                    implementation: narrow),
                Layer(
                    inputs: 3, outputs: 32, height: 20, width: 1, kernel: 2, stride: 4,
                    padding: Padding(left: 31), hasBias: false, implementation: narrow),
                Layer(
                    inputs: 4, outputs: 64, height: 20, width: 20, kernel: 4, stride: 4,
                    padding: .none, hasBias: false),
                // So many inputs that a thread takes its results in two parts.
                Layer(
                    inputs: 512, outputs: 64, height: 16, width: 16, stride: 2,
                    implementation: direct),
                // What the kernels leave to the library.
                Layer(inputs: 64, outputs: 72, height: 8, width: 8),
                Layer(inputs: 64, outputs: 64, height: 2, width: 2),
            ]
        }

        @Test(arguments: Layer.all) func followsTheInterpreter(_ layer: Layer) throws {
            var oracle = Oracle(seed: 71)
            var graph = Graph()
            let x = try graph.input("x", [5, layer.inputs, layer.height, layer.width])
            let weight = try graph.state(
                "weight", [layer.outputs, layer.inputs, layer.kernel, layer.kernel],
                role: .parameter, initializer: .constant(0))
            let bias =
                layer.hasBias || layer.adds
                ? try graph.state(
                    "bias", [layer.outputs], role: .parameter, initializer: .constant(0)) : nil
            func convolved(adding residual: Value? = nil) throws -> Value {
                var y = try graph.convolve(
                    x, weight: weight, bias: bias, strides: [layer.stride, layer.stride],
                    padding: layer.padding, dilations: [layer.dilation, layer.dilation])
                if let residual { y = try graph.add(y, residual) }
                return layer.rectifies ? try graph.rectify(y) : y
            }
            if layer.adds {
                // A residual whose memory the result may take over, and one that others read.
                let alone = try convolved()
                let residual = try graph.input("r", graph.shape(of: alone))
                graph.output("y", try convolved(adding: graph.affine(residual, scale: -1)))
                graph.output("kept", try convolved(adding: residual))
            } else {
                graph.output("y", try convolved())
            }
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            try oracle.fill(store, graph)
            // Outputs of several hundred products of numbers below 1, rounded twice.
            let feeds = oracle.feeds(graph)
            try oracle.check(
                graph, feeds: feeds, store: store, options: Self.frozen, tolerance: 1.5e-2)
            guard let wanted = layer.implementation, Processor.hasBFloat16 else { return }
            let plans = try [2, 1, 3].map { threads in
                var options = Self.frozen
                options.threads = threads
                let plan = try CPUExecutor().compile(graph, store: store, options: options)
                try feed(plan, feeds)
                try plan.run()
                return plan
            }
            let found = try plans[0].profile().map(\.implementation)
            #expect(found.count { $0 == wanted } == (layer.adds ? 2 : 1), "\(found)")
            // Whoever computes a result computes it alike.
            for (name, _) in graph.outputs {
                let values = try plans.map { try $0.read(name).values }
                #expect(values[1] == values[0] && values[2] == values[0])
            }
        }

        private func feed(_ plan: Plan, _ feeds: [String: Tensor<Float>]) throws {
            for (name, tensor) in feeds { try plan.feed(name, tensor) }
        }

        /// A plan that has seen other weights prepares them anew.
        @Test func preparesWeightsAnewWhenTheyChange() throws {
            var oracle = Oracle(seed: 72)
            var net = ResidualNet()
            (net.batch, net.size, net.widths) = (8, 16, [64, 64])
            let graph = try net.inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            let plan = try CPUExecutor().compile(graph, store: store, options: Self.frozen)
            let feeds = oracle.feeds(graph)
            try feed(plan, feeds)
            for _ in 0..<2 {
                try plan.run()
                var interpreter = Interpreter(graph, states: try Oracle.states(store))
                let expected = try interpreter.run(feeds.mapValues { $0.map(Double.init) })
                let logits = try #require(expected["logits"])
                oracle.expect(
                    try plan.read("logits"), logits, tolerance: 4e-2, byLength: true, "logits")
                for name in store.names where name.hasSuffix(".1.weight") {
                    try store.write(name, store.read(name).map { -$0 })
                }
            }
        }

        struct Slicing: Sendable {
            var precision: Precision
            var cacheBytes: Int
        }

        /// Outputs in the midst of slices, at their edge and behind them; two sections and more.
        @Test(
            arguments: [Precision.float32, .bfloat16].flatMap { precision in
                [1, 20_000, 60_000, 200_000, 1 << 20].map {
                    Slicing(precision: precision, cacheBytes: $0)
                }
            }) func slicesComputeWhatTheWholeBatchDoes(_ slicing: Slicing) throws
        {
            var oracle = Oracle(seed: 73)
            var net = ResidualNet()
            (net.batch, net.size, net.widths) = (12, 16, [16, 24])
            var graph = Graph()
            _ = try net.forwards(&graph, training: false)
            for index in graph.nodes.indices.filter({ $0 % 7 == 3 }) {
                let node = graph.nodes[index]
                guard node.outputs[0].shape.rank == 4, !(node.operation is State),
                    node.outputs[0].shape[0] == net.batch
                else { continue }
                graph.output("tap.\(index)", node.output())
            }
            let store = StateStore()
            var options = PlanOptions(
                threads: 2, inference: true, precision: slicing.precision)
            options.cacheBytes = slicing.cacheBytes
            try oracle.check(
                graph, feeds: oracle.feeds(graph), store: store, options: options,
                tolerance: slicing.precision == .float32 ? 2e-5 : 3e-2)
            // What is fed again is computed again, in every slice.
            try oracle.check(
                graph, feeds: oracle.feeds(graph), store: store, options: options,
                tolerance: slicing.precision == .float32 ? 2e-5 : 3e-2)
        }

        /// Constants of each image, and weights that come from the batch, end what is sliced.
        @Test func slicesEndWhereImagesAreTold() throws {
            var oracle = Oracle(seed: 74)
            for ending in 0..<5 {
                var graph = Graph()
                let x = try graph.input("x", [6, 6, 12, 12])
                var y = x
                for _ in 0..<3 {
                    let weight = try graph.constant(oracle.random([6, 6, 3, 3]).map(Double.init))
                    y = try graph.rectify(graph.convolve(y, weight: weight, padding: Padding(1)))
                }
                switch ending {
                case 0:
                    let factors = Tensor<Double>(
                        shape: [6, 1, 1, 1], values: (1...6).map(Double.init))
                    y = try graph.multiply(y, graph.constant(factors))
                case 1:
                    let corner = try graph.averagePool(y, window: [12, 12])
                    y = try graph.convolve(y, weight: corner)
                case 2:
                    let residual = Tensor<Double>(
                        shape: [6, 6, 12, 12], values: (0..<5184).map { sin(Double($0)) })
                    let weight = try graph.constant(oracle.random([6, 6, 3, 3]).map(Double.init))
                    y = try graph.add(
                        graph.convolve(y, weight: weight, padding: Padding(1)),
                        graph.constant(residual))
                case 3:
                    let image = try graph.constant(oracle.random([6, 6, 12, 12]).map(Double.init))
                    let weight = try graph.constant(oracle.random([6, 6, 3, 3]).map(Double.init))
                    y = try graph.add(
                        graph.convolve(image, weight: weight, padding: Padding(1)), y)
                default:
                    y = try graph.add(y, graph.reduce(.mean, y, axes: [0], keepDimensions: true))
                }
                graph.output("y", try graph.rectify(graph.affine(graph.rectify(y), scale: 2)))
                // Two of six images at a time.
                var options = PlanOptions(threads: 2, inference: true)
                options.cacheBytes = 15_000
                try oracle.check(graph, feeds: oracle.feeds(graph), options: options)
                #expect(try steps(graph, options) > steps(graph, PlanOptions(inference: true)))
            }
        }

        /// Answers are cached by image: they must not depend on where in a batch it lay, nor on what lay beside it.
        @Test(arguments: [8, 16, 32]) func anAnswerDoesNotDependOnItsPlace(size: Int) throws {
            var oracle = Oracle(seed: 75)
            var net = ResidualNet()
            (net.batch, net.size, net.widths, net.classes) = (32, size, [64, 200], 10)
            let graph = try net.inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            let plan = try CPUExecutor().compile(graph, store: store, options: Self.frozen)
            let images = oracle.random([32, 3, size, size])
            let count = images.values.count / 32
            func logits(_ places: [Int]) throws -> [ArraySlice<Float>] {
                let moved = places.flatMap { images.values[($0 * count)..<(($0 + 1) * count)] }
                try plan.feed("image", Tensor(shape: images.shape, values: moved))
                try plan.run()
                let found = try plan.read("logits").values
                return (0..<32).map { found[($0 * net.classes)..<(($0 + 1) * net.classes)] }
            }
            let straight = try logits(Array(0..<32))
            let turned = try logits((0..<32).map { ($0 * 5 + 3) % 32 })
            for place in 0..<32 {
                #expect(Array(turned[place]) == Array(straight[(place * 5 + 3) % 32]))
            }
            let filled = try logits((0..<32).map { $0 < 3 ? $0 : 31 })
            for place in 0..<3 { #expect(Array(filled[place]) == Array(straight[place])) }
        }

        private func steps(_ graph: Graph, _ options: PlanOptions) throws -> Int {
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            return try CPUExecutor().compile(graph, store: store, options: options).report.stepCount
        }

        @Test func slicesTakeLessMemory() throws {
            var net = ResidualNet()
            (net.batch, net.size, net.widths) = (16, 32, [16, 24])
            let graph = try net.inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            func report(_ bytes: Int) throws -> PlanReport {
                var options = PlanOptions(threads: 2, inference: true)
                options.cacheBytes = bytes
                return try CPUExecutor().compile(graph, store: store, options: options).report
            }
            let (whole, sliced) = (try report(1 << 30), try report(1 << 18))
            #expect(sliced.stepCount > whole.stepCount)
            #expect(sliced.arenaByteCount < whole.arenaByteCount)
        }
    }
}
