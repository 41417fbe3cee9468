import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    /// Plans that compute in bfloat16, against the exact interpreter.
    ///
    /// A processor without bfloat16 runs them in float32, where the same bounds hold.
    @Suite struct Precisions {
        private let half = PlanOptions(threads: 2, precision: .bfloat16)

        /// Gradients of a net on noise are sums that nearly cancel, so the bound on whole nets is loose; the
        /// exact tests are those of single layers.
        @Test(arguments: [true, false])
        func trainingFollowsTheInterpreter(fuses: Bool) throws {
            var oracle = Oracle(seed: 61)
            var net = ResidualNet()
            net.batch = 16
            let graph = try net.trainingGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 4)
            var options = half
            options.fuses = fuses
            for _ in 0..<3 {
                var feeds = oracle.feeds(graph)
                feeds["rate"] = Tensor(scalar: 0.05)
                try oracle.check(
                    graph, feeds: feeds, store: store, options: options, tolerance: 0.25,
                    byLength: true)
            }
        }

        struct Layer: CustomTestStringConvertible {
            var precision: Precision
            var ceiling: Double
            var addsResidual: Bool
            var hasTwoReaders: Bool

            var testDescription: String {
                "\(precision), ceiling \(ceiling), residual \(addsResidual), two readers \(hasTwoReaders)"
            }

            static let all: [Layer] = [Precision.float32, .bfloat16].flatMap { precision in
                [0, 2, .infinity].flatMap { ceiling in
                    [false, true].flatMap { adds in
                        [false, true].map {
                            Layer(
                                precision: precision, ceiling: ceiling, addsResidual: adds,
                                hasTwoReaders: $0)
                        }
                    }
                }
            }
        }

        /// One normalisation between identities, on values that bfloat16 holds exactly: results are rounded once.
        @Test(arguments: Layer.all)
        func normalizesAndPassesGradients(_ layer: Layer) throws {
            var oracle = Oracle(seed: 66)
            var graph = Graph()
            // 24 channels: one vector and a half.
            let shape: Shape = [6, 24, 5, 3]
            let x = try graph.input("x", shape)
            let identity = try graph.input("identity", [24, 24, 1, 1])
            let scale = try graph.input("scale", [24])
            let offset = try graph.input("offset", [24])
            func half(_ value: Value) throws -> Value {
                try graph.convolve(value, weight: identity)
            }
            var y = try graph.normalizeBatch(half(x), scale: scale, offset: offset).y
            if layer.addsResidual {
                y = try graph.add(half(graph.input("residual", shape)), y)
            }
            if layer.ceiling == .infinity {
                y = try graph.rectify(y)
            } else if layer.ceiling > 0 {
                y = try graph.clip(y, minimum: 0, maximum: layer.ceiling)
            }
            graph.output("y", y)
            var loss = try graph.reduce(
                .sum, graph.multiply(graph.input("g", shape), half(y)), axes: [])
            if layer.hasTwoReaders {
                let other = try graph.multiply(graph.input("h", shape), half(half(y)))
                loss = try graph.add(loss, graph.reduce(.sum, other, axes: []))
            }
            let parameters = [x, scale, offset]
            for (index, gradient) in try graph.gradients(of: loss, for: parameters).enumerated() {
                graph.output("gradient.\(index)", try #require(gradient))
            }
            var feeds = oracle.feeds(graph, in: -2...2).mapValues {
                $0.map { ($0 * 16).rounded() / 16 }
            }
            var eye = Tensor<Float>(shape: [24, 24, 1, 1], repeating: 0)
            for channel in 0..<24 { eye.values[channel * 25] = 1 }
            feeds["identity"] = eye
            try oracle.check(
                graph, feeds: feeds, options: PlanOptions(threads: 2, precision: layer.precision),
                tolerance: layer.precision == .float32 ? 2e-5 : layer.ceiling == 2 ? 6e-2 : 1e-2,
                // A value just below the ceiling may be rounded to it and lose its gradient.
                byLength: layer.precision == .bfloat16 && layer.ceiling == 2)
        }

        @Test func inferenceFollowsTheInterpreter() throws {
            var oracle = Oracle(seed: 62)
            let graph = try ResidualNet().inferenceGraph()
            let store = StateStore()
            var options = half
            options.inference = true
            try oracle.check(
                graph, feeds: oracle.feeds(graph), store: store, options: options, tolerance: 3e-2)
        }

        /// Slopes of a plane some metres away: what bfloat16 leaves of the metres has none.
        @Test(arguments: [true, false]) func encodingsKeepTheirDigits(inference: Bool) throws {
            var graph = Graph()
            let depth = try graph.input("depth", [2, 1, 8, 8])
            let kernel = Tensor<Double>(shape: [1, 1, 1, 2], values: [-1, 1])
            let slopes = try graph.convolve(depth, weight: graph.constant(kernel))
            graph.output("slopes", slopes)
            let plane = Tensor<Float>(
                shape: [2, 1, 8, 8], values: (0..<128).map { 3 + 0.001 * Float($0 % 8) })
            var options = half
            options.inference = inference
            let plan = try CPUExecutor().compile(graph, store: StateStore(), options: options)
            try plan.feed("depth", plane)
            try plan.run()
            #expect(try plan.read("slopes").values.allSatisfy { abs($0 - 0.001) < 1e-5 })
        }

        @Test(.enabled(if: Processor.hasBFloat16)) func imagesAreHalfAndLossesAreNot() throws {
            let graph = try ResidualNet().trainingGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            let full = try CPUExecutor().compile(graph, store: store).report
            let report = try CPUExecutor().compile(graph, store: store, options: half).report
            #expect(report.slowNodes.isEmpty)
            #expect(report.arenaByteCount < full.arenaByteCount)
            // The image, the last map on its way to the classifier, and its gradient on the way back.
            #expect((report.stepsByKind["Conversion"] ?? 0) <= 3)
            #expect(report.stepsByKind["Copy"] == nil, "every state is replaced in place")
        }

        /// Activations limited from above, and two gradients that meet behind a normalisation.
        @Test func limitsAndMeetings() throws {
            var oracle = Oracle(seed: 63)
            var graph = Graph()
            let x = try graph.input("x", [6, 16, 5, 4])
            func layer(_ name: String, _ x: Value) throws -> Value {
                let weight = try graph.state(
                    "\(name).w", [16, 16, 3, 3], role: .parameter, initializer: .kaimingNormalFanOut
                )
                let scale = try graph.state(
                    "\(name).s", [16], role: .parameter, initializer: .constant(2))
                let offset = try graph.state(
                    "\(name).o", [16], role: .parameter, initializer: .constant(1))
                let y = try graph.convolve(x, weight: weight, padding: Padding(1))
                return try graph.normalizeBatch(y, scale: scale, offset: offset).y
            }
            let a = try graph.clip(layer("a", x), minimum: 0, maximum: 2)
            let b = try layer("b", a)
            let c = try graph.add(a, b)
            let d = try graph.clip(layer("c", c), minimum: 0, maximum: 2)
            let g = try graph.input("g", graph.shape(of: d))
            let loss = try graph.reduce(
                .sum, graph.multiply(g, graph.add(d, graph.add(b, c))), axes: [])
            graph.output("loss", loss)
            let parameters = graph.states.map(\.value)
            for (index, gradient) in try graph.gradients(of: loss, for: parameters).enumerated() {
                if let gradient { graph.output("gradient.\(index)", gradient) }
            }
            try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-4)
        }

        @Test(arguments: [Precision.float32, .bfloat16])
        func poolingPassesGradientsToWinners(precision: Precision) throws {
            for (window, stride, padding) in [(3, 2, 1), (2, 2, 0), (3, 1, 1), (5, 3, 2)] {
                var oracle = Oracle(seed: 64)
                var graph = Graph()
                let x = try graph.input("x", [3, 19, 9, 7])
                let pool = MaximumPool(
                    window: [window, window], strides: [stride, stride], padding: Padding(padding),
                    ceilMode: false)
                // The window reads what a rectifier leaves: many equal zeros.
                let weight = try graph.input("w", [19, 19, 1, 1])
                let y = try graph.add(pool, graph.rectify(graph.convolve(x, weight: weight)))
                graph.output("y", y)
                let g = try graph.input("g", graph.shape(of: y))
                let loss = try graph.reduce(.sum, graph.multiply(g, y), axes: [])
                graph.output("dx", try #require(graph.gradients(of: loss, for: [x])[0]))
                var feeds = oracle.feeds(graph).mapValues { $0.map { ($0 * 8).rounded() / 8 } }
                var identity = Tensor<Float>(shape: [19, 19, 1, 1], repeating: 0)
                for channel in 0..<19 { identity.values[channel * 20] = 1 }
                feeds["w"] = identity
                try oracle.check(
                    graph, feeds: feeds, options: PlanOptions(threads: 2, precision: precision),
                    tolerance: 1e-2)
            }
        }

        /// A convolution by what another one computed, forwards and backwards.
        @Test(arguments: [Precision.float32, .bfloat16])
        func weightsMayBeComputed(precision: Precision) throws {
            var oracle = Oracle(seed: 67)
            var graph = Graph()
            let x = try graph.input("x", [2, 8, 6, 6])
            let kernel = try graph.input("kernel", [16, 8, 3, 3])
            let mix = try graph.input("mix", [8, 8, 1, 1])
            let weight = try graph.rectify(graph.convolve(kernel, weight: mix))
            let y = try graph.convolve(x, weight: weight, padding: Padding(1))
            graph.output("y", y)
            let loss = try graph.reduce(.sum, graph.square(y), axes: [])
            for (index, gradient) in try graph.gradients(of: loss, for: [x, kernel]).enumerated() {
                graph.output("gradient.\(index)", try #require(gradient))
            }
            try oracle.check(
                graph, feeds: oracle.feeds(graph),
                options: PlanOptions(threads: 2, precision: precision),
                tolerance: precision == .float32 ? 1e-4 : 3e-2,
                byLength: precision == .bfloat16)
        }

        @Test(arguments: [Precision.float32, .bfloat16])
        func trainingRepeatsBitForBit(precision: Precision) throws {
            var oracle = Oracle(seed: 65)
            let graph = try ResidualNet().trainingGraph()
            var feeds = oracle.feeds(graph)
            feeds["rate"] = Tensor(scalar: 0.05)
            func trained() throws -> [[Float]] {
                let store = StateStore()
                try store.declare(statesOf: graph, seed: 5)
                let plan = try CPUExecutor().compile(
                    graph, store: store, options: PlanOptions(threads: 2, precision: precision))
                for (name, tensor) in feeds { try plan.feed(name, tensor) }
                for _ in 0..<3 { try plan.run() }
                return try store.names.map { try store.read($0).values }
            }
            #expect(try trained() == trained())
        }
    }
}
