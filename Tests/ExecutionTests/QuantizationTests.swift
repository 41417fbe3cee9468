import Execution
import Foundation
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    /// Plans that compute in bytes, against the same rounding in float64 and against float32.
    @Suite(.enabled(if: Processor.hasInt8, "needs sums of byte products")) struct Quantizations {
        struct Case: CustomTestStringConvertible {
            var inputs = 16, outputs = 16, groups = 1
            var height = 9, width = 7
            var kernel = 3, stride = 1, dilation = 1, padding = 1
            var isSigned = false, addsResidual = false, signedResidual = false, rectifies = true
            var staysBytes = true

            var convolution: Convolution {
                Convolution(
                    strides: [stride, stride], padding: Padding(padding),
                    dilations: [dilation, dilation], groups: groups)
            }

            var testDescription: String {
                "\(isSigned ? "s" : "u")\(inputs)x\(height)x\(width) -> \(outputs)/\(groups) by \(kernel) "
                    + "s\(stride) d\(dilation) p\(padding)\(addsResidual ? " residual" : "")"
                    + "\(rectifies ? " rectified" : "")\(staysBytes ? "" : " to float32")"
            }

            static let all: [Case] =
                [
                    Case(), Case(isSigned: true),
                    Case(inputs: 64, outputs: 64, kernel: 1, padding: 0),
                    Case(inputs: 3, outputs: 7, isSigned: true, rectifies: false),
                    Case(inputs: 7, outputs: 3, kernel: 1, padding: 0, rectifies: false),
                    Case(
                        inputs: 3, outputs: 64, height: 16, width: 16, kernel: 7, stride: 2,
                        padding: 3),
                    Case(
                        inputs: 3, outputs: 64, height: 16, width: 16, kernel: 7, stride: 2,
                        padding: 3, isSigned: true),
                    Case(
                        inputs: 64, outputs: 130, kernel: 1, stride: 2, padding: 0, rectifies: false
                    ),
                    Case(inputs: 32, outputs: 48, stride: 2),
                    Case(inputs: 24, outputs: 24, dilation: 2, padding: 2),
                    Case(inputs: 33, outputs: 33, groups: 33),
                    Case(inputs: 32, outputs: 32, groups: 32, stride: 2),
                    Case(inputs: 32, outputs: 32, groups: 32, isSigned: true, rectifies: false),
                    Case(inputs: 128, outputs: 128, groups: 32),
                    Case(inputs: 64, outputs: 64, groups: 4, isSigned: true),
                    Case(inputs: 6, outputs: 10, groups: 2),
                    Case(inputs: 6, outputs: 10, groups: 2, isSigned: true),
                    Case(padding: 0), Case(inputs: 512, outputs: 64, height: 4, width: 4),
                ]
                + [true, false].flatMap { rectifies in
                    [true, false].flatMap { signed in
                        [true, false].flatMap { staysBytes in
                            [(64, 1, 0), (19, 3, 1)].map {
                                Case(
                                    inputs: $0.0, outputs: $0.0, kernel: $0.1, padding: $0.2,
                                    addsResidual: true, signedResidual: signed,
                                    rectifies: rectifies,
                                    staysBytes: staysBytes)
                            }
                        }
                    }
                }
        }

        /// One convolution between given scales: within one step of the same rounding in float64.
        @Test(arguments: Case.all) func roundsLikeTheSimulation(_ layer: Case) throws {
            var oracle = Oracle(seed: 81)
            var graph = Graph()
            let shape: Shape = [3, layer.inputs, layer.height, layer.width]
            let image = try graph.input("image", shape)
            let x = layer.isSigned ? image : try graph.rectify(image)
            let weight = oracle.random(
                [layer.outputs, layer.inputs / layer.groups, layer.kernel, layer.kernel])
            let bias = oracle.random([layer.outputs])
            var operands = [
                x, try graph.learned("weight", weight),
                try graph.constant(bias.map(Double.init)),
            ]
            let plain = try graph.append(layer.convolution, operands)
            let result = plain.outputs[0].shape
            if layer.addsResidual {
                let other = try graph.input("other", result)
                operands.append(layer.signedResidual ? other : try graph.rectify(other))
            }
            let y = try graph.append(
                FusedConvolution(
                    layer.convolution, rectifies: layer.rectifies, addsResidual: layer.addsResidual),
                operands, name: "y"
            ).output()
            graph.output("y", y)
            if layer.staysBytes {
                let identity = try graph.learned(
                    "identity", Tensor(shape: [1, layer.outputs, 1, 1], repeating: 1))
                graph.output("reader", try graph.convolve(y, weight: identity))
            }
            let limits: [String: Float] = [
                graph.node(of: x).name: 0.9, "y": 1.3,
                layer.addsResidual ? graph.node(of: operands[3]).name : "none": 0.8,
            ]
            let feeds = oracle.feeds(graph)
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            let plan = try CPUExecutor().compile(
                graph, store: store,
                options: PlanOptions(
                    threads: 2, inference: true, precision: .int8,
                    quantization: Quantization(limits: limits)))
            #expect(plan.report.slowNodes.isEmpty)
            for (name, tensor) in feeds { try plan.feed(name, tensor) }
            // What is built at the first run is used again at the second.
            try plan.run()
            try plan.run()
            let found = try plan.read("y")

            let (steps, step) = try simulate(
                layer, feeds, weight, bias, xLimit: 0.9, yLimit: 1.3, residualLimit: 0.8)
            var worst = 0.0
            for (value, expected) in zip(found.values, steps.values) {
                worst = max(worst, abs(Double(value) / step - expected))
            }
            let bound = layer.staysBytes ? 1.001 : 0.01
            #expect(worst <= bound, "\(worst) steps off, seed \(oracle.seed)")
            #expect(Set(found.values).count > 8, "the result is not constant")
        }

        /// The result in steps of its bytes, before or, where it stays float32, without rounding.
        private func simulate(
            _ layer: Case, _ feeds: [String: Tensor<Float>], _ weight: Tensor<Float>,
            _ bias: Tensor<Float>, xLimit: Double, yLimit: Double, residualLimit: Double
        ) throws -> (Tensor<Double>, Double) {
            func rounded(_ tensor: Tensor<Float>, _ limit: Double, signed: Bool) -> (
                Tensor<Double>, Double
            ) {
                let step = limit / (signed ? 127 : 255)
                let low = signed ? -127.0 : 0
                return (
                    tensor.map {
                        min(max((Double($0) / step).rounded(.toNearestOrEven), low), limit / step)
                    },
                    step
                )
            }
            let image = try #require(feeds["image"])
            let (x, xStep) = rounded(image, xLimit, signed: layer.isSigned)
            var bytes = weight.map(Double.init)
            let length = weight.shape.count / layer.outputs
            var steps: [Double] = []
            for channel in 0..<layer.outputs {
                let range = (channel * length)..<((channel + 1) * length)
                let step = bytes.values[range].map(abs).max()! / 127
                steps.append(step)
                for index in range {
                    bytes.values[index] = (bytes.values[index] / step).rounded(.toNearestOrEven)
                }
            }
            let type = TensorType(
                try layer.convolution.infer([
                    TensorType(x.shape, .float32), TensorType(weight.shape, .float32),
                ])[0].shape, .float32)
            var y = try layer.convolution.evaluate([x, bytes], outputs: [type])[0]
            let yStep = layer.staysBytes ? yLimit / (layer.rectifies ? 255 : 127) : 1
            let area = type.shape[2] * type.shape[3]
            var residual: (Tensor<Double>, Double)?
            if layer.addsResidual, let other = feeds["other"] {
                residual = rounded(other, residualLimit, signed: layer.signedResidual)
                if !layer.staysBytes {
                    residual = (
                        other.map { layer.signedResidual ? Double($0) : max(Double($0), 0) }, 1
                    )
                }
            }
            for index in y.values.indices {
                let channel = index / area % layer.outputs
                var value = y.values[index] * xStep * steps[channel] + Double(bias.values[channel])
                if let residual { value += residual.0.values[index] * residual.1 }
                if layer.rectifies { value = max(value, 0) }
                value /= yStep
                if layer.staysBytes {
                    value = min(max(value, layer.rectifies ? 0 : -128), layer.rectifies ? 255 : 127)
                    value.round(.toNearestOrEven)
                }
                y.values[index] = value
            }
            return (y, yStep)
        }

        /// A plan in bytes of a graph that was calibrated on the values it is then fed.
        private func calibrated(
            _ graph: Graph, _ store: StateStore, _ feeds: [String: Tensor<Float>]
        ) throws -> (plan: Plan, float: Plan) {
            try store.declare(statesOf: graph, seed: 1)
            let calibrator = try Calibrator(graph, store: store, options: PlanOptions(threads: 2))
            for (name, tensor) in feeds { try calibrator.plan.feed(name, tensor) }
            try calibrator.plan.run()
            try calibrator.observe()
            let plan = try CPUExecutor().compile(
                graph, store: store,
                options: PlanOptions(
                    threads: 2, inference: true, precision: .int8,
                    quantization: calibrator.quantization()))
            for (name, tensor) in feeds { try plan.feed(name, tensor) }
            try plan.run()
            return (plan, calibrator.plan)
        }

        /// The length of the difference relative to the length of the whole.
        private func distance(_ a: Tensor<Float>, _ b: Tensor<Float>) -> Double {
            func length(_ values: [Float]) -> Double {
                values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            }
            return length(zip(a.values, b.values).map(-)) / length(b.values)
        }

        @Test func residualNetFollowsFloat32() throws {
            var oracle = Oracle(seed: 82)
            var net = ResidualNet()
            net.batch = 8
            net.size = 16
            let graph = try net.inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            let (plan, float) = try calibrated(graph, store, oracle.feeds(graph))
            #expect(plan.report.slowNodes.isEmpty)
            // The image; and the residual of the last block, whose result is float32.
            #expect((plan.report.stepsByKind["Conversion"] ?? 0) <= 2)
            let gap = distance(try plan.read("logits"), try float.read("logits"))
            #expect(gap < 0.03, "\(gap), seed \(oracle.seed)")
            let first = try plan.read("logits")
            try plan.run()
            #expect(try plan.read("logits").values == first.values, "bit for bit")
        }

        /// Maxima and joins stay bytes between convolutions, with one scale for what is joined.
        @Test(arguments: [true, false]) func joinsAndMaximaStayBytes(rectifies: Bool) throws {
            var oracle = Oracle(seed: 83)
            var graph = Graph()
            let x = try graph.input("x", [4, 3, 17, 13])
            func layer(_ x: Value, _ outputs: Int, _ kernel: Int) throws -> Value {
                let shape: Shape = [outputs, graph.shape(of: x)[1], kernel, kernel]
                let weight = try graph.learned("weight.\(graph.nodes.count)", oracle.random(shape))
                let y = try graph.convolve(x, weight: weight, padding: Padding(kernel / 2))
                return rectifies ? try graph.rectify(y) : y
            }
            let a = try layer(x, 33, 3)
            let pool = MaximumPool(
                window: [3, 3], strides: [2, 2], padding: Padding(1), ceilMode: false)
            let pooled = try graph.add(pool, a)
            let joined = try graph.append(
                Concatenate(axis: 1), [layer(pooled, 5, 1), layer(pooled, 70, 3)]
            ).output()
            let deeper = try graph.add(
                MaximumPool(window: [2, 2], strides: [2, 2], padding: .none, ceilMode: false),
                joined)
            graph.output("y", try layer(deeper, 9, 3))
            let (plan, float) = try calibrated(graph, StateStore(), oracle.feeds(graph))
            #expect(plan.report.stepsByKind["Conversion"] == 1, "\(plan.report.stepsByKind)")
            let gap = distance(try plan.read("y"), try float.read("y"))
            #expect(gap < 0.03, "\(gap), seed \(oracle.seed)")
        }

        /// Operators between convolutions that know no bytes get float32, and so does a join of other axes.
        @Test func othersGetFloats() throws {
            var oracle = Oracle(seed: 84)
            var graph = Graph()
            let x = try graph.input("x", [2, 8, 6, 6])
            let dynamic = try graph.input("w", [8, 8, 1, 1])
            func layer(_ x: Value) throws -> Value {
                try graph.convolve(
                    x,
                    weight: graph.learned(
                        "weight.\(graph.nodes.count)", oracle.random([8, 8, 3, 3])),
                    padding: Padding(1))
            }
            let a = try graph.add(Unary(.silu), layer(x))
            let b = try graph.convolve(a, weight: dynamic)
            let c = try graph.append(Concatenate(axis: 2), [layer(b), layer(a)]).output()
            graph.output("y", try layer(c))
            let (plan, float) = try calibrated(graph, StateStore(), oracle.feeds(graph))
            let gap = distance(try plan.read("y"), try float.read("y"))
            #expect(gap < 0.04, "\(gap), seed \(oracle.seed)")
        }

        @Test func newWeightsGetNewScales() throws {
            var oracle = Oracle(seed: 85)
            let graph = try ResidualNet().inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            let feeds = oracle.feeds(graph)
            let plan = try calibrated(graph, store, feeds).plan
            let weight = try store.read("layer0.1.weight")
            try store.write("layer0.1.weight", weight.map { $0 * 0.5 })
            try plan.run()
            let fresh = try CPUExecutor().compile(graph, store: store, options: plan.options)
            for (name, tensor) in feeds { try fresh.feed(name, tensor) }
            try fresh.run()
            #expect(try plan.read("logits").values == fresh.read("logits").values)
        }

        @Test func whatIsNotCalibratedIsRefused() throws {
            var oracle = Oracle(seed: 86)
            let graph = try ResidualNet().inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 3)
            var options = PlanOptions(threads: 2, label: "net", inference: true, precision: .int8)
            func refusal() -> ExecutionError? {
                do {
                    _ = try CPUExecutor().compile(graph, store: store, options: options)
                    return nil
                } catch { return error as? ExecutionError }
            }
            #expect(refusal()?.code == .unbound)
            options.quantization = Quantization(limits: ["elsewhere": 1])
            #expect(refusal()?.message.contains("made of another graph") == true)

            let calibrator = try Calibrator(graph, store: store, options: PlanOptions(threads: 2))
            var image = oracle.feeds(graph)["image"] ?? Tensor(shape: [0], repeating: 0)
            image.values[5] = .infinity
            try calibrator.plan.feed("image", image)
            try calibrator.plan.run()
            try calibrator.observe()
            #expect(throws: ExecutionError.self) { try calibrator.quantization() }
        }
    }

    /// What calibration measures, on every processor.
    @Suite struct Calibrations {
        @Test func histogramsCountMagnitudes() throws {
            var oracle = Oracle(seed: 87)
            var graph = Graph()
            let x = try graph.input("x", [3, 5, 40, 41])
            graph.output("bins", try graph.add(MagnitudeHistogram(), x))
            try oracle.check(graph, feeds: oracle.feeds(graph, in: -3...0.5), tolerance: 0)
        }

        /// The limits of least squared error that the literature gives for eight bits.
        @Test func clipsWhereTheErrorIsLeast() throws {
            var generator = SeededGenerator(seed: 88)
            var bins = [Double](repeating: 0, count: MagnitudeHistogram.binCount)
            func count(_ value: Double) { bins[Int(Float(abs(value)).bitPattern >> 19)] += 1 }
            for _ in 0..<200_000 {
                let radius = (-2 * log(1 - generator.uniform())).squareRoot()
                count(radius * cos(2 * .pi * generator.uniform()))
            }
            let normal = try #require(ClippingRange.limit(of: bins, levels: 127))
            #expect((3.5...4.4).contains(normal), "\(normal) standard deviations")
            // One value far off costs the others more than it gains.
            count(20)
            let outlier = try #require(ClippingRange.limit(of: bins, levels: 127))
            #expect((5...14).contains(outlier), "\(outlier)")
            bins = bins.map { _ in 0 }
            for index in 0..<10_000 { count(Double(index) / 10_000) }
            let uniform = try #require(ClippingRange.limit(of: bins, levels: 127))
            #expect((0.9...1.1).contains(uniform), "\(uniform)")
            bins = bins.map { _ in 0 }
            #expect(ClippingRange.limit(of: bins, levels: 127) == nil)
            // Zeros alone do not move the limit.
            count(0)
            #expect(ClippingRange.limit(of: bins, levels: 127) == nil)
        }
    }
}

extension Graph {
    /// A tensor that was learned: convolutions by constants are never computed in bytes.
    fileprivate mutating func learned(_ name: String, _ tensor: Tensor<Float>) throws -> Value {
        try state(name, tensor.shape, role: .parameter, initializer: .values(tensor))
    }
}
