import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Convolutions {
        struct Case: CustomTestStringConvertible {
            var batch = 2, inputs = 3, outputs = 4, groups = 1
            var height = 7, width = 7
            var kernel = [3, 3], strides = [1, 1], dilations = [1, 1]
            var padding = Padding(1)

            var convolution: Convolution {
                Convolution(
                    strides: strides, padding: padding, dilations: dilations, groups: groups)
            }

            var testDescription: String {
                "\(batch)x\(inputs)x\(height)x\(width) -> \(outputs)/\(groups) by \(kernel) s\(strides) d\(dilations)"
            }
        }

        static let cases: [Case] = [
            Case(inputs: 1, outputs: 1), Case(inputs: 1, outputs: 16), Case(inputs: 3, outputs: 5),
            Case(inputs: 5, outputs: 7, height: 9, width: 6, strides: [2, 1]),
            Case(inputs: 16, outputs: 16), Case(inputs: 17, outputs: 16),
            Case(inputs: 16, outputs: 17),
            Case(inputs: 64, outputs: 64, height: 4, width: 4),
            Case(inputs: 64, outputs: 128, height: 4, width: 4, strides: [2, 2]),
            Case(inputs: 32, outputs: 64, kernel: [1, 1], strides: [2, 2], padding: .none),
            Case(
                inputs: 3, outputs: 64, height: 16, width: 16, kernel: [7, 7], strides: [2, 2],
                padding: Padding(3)),
            Case(inputs: 8, outputs: 8, groups: 8), Case(inputs: 64, outputs: 64, groups: 64),
            Case(inputs: 6, outputs: 12, groups: 3), Case(inputs: 32, outputs: 32, groups: 2),
            Case(
                inputs: 4, outputs: 4, height: 10, width: 11, dilations: [2, 2], padding: Padding(2)
            ),
            Case(
                inputs: 3, outputs: 4, height: 8, width: 5, kernel: [2, 5], strides: [3, 2],
                padding: Padding(top: 1, left: 2, bottom: 0, right: 1)),
            Case(batch: 1, inputs: 2, outputs: 3, height: 3, width: 3, padding: .none),
        ]

        /// Tiny results of many channels: products of matrices.
        static let wideCases: [Case] = [
            Case(batch: 16, inputs: 128, outputs: 130, height: 2, width: 2),
            Case(batch: 17, inputs: 129, outputs: 128, height: 4, width: 3, strides: [2, 2]),
            Case(batch: 16, inputs: 128, outputs: 128, height: 1, width: 3),
        ]

        /// Small results of even channels: products of pairs in bfloat16.
        static let pairCases: [Case] = [
            Case(batch: 16, inputs: 128, outputs: 144, height: 2, width: 2),
            Case(batch: 32, inputs: 144, outputs: 128, height: 4, width: 3, strides: [2, 2]),
            Case(batch: 80, inputs: 128, outputs: 128, height: 1, width: 3),
            Case(
                batch: 16, inputs: 128, outputs: 128, height: 5, width: 4, kernel: [2, 3],
                dilations: [2, 1], padding: Padding(top: 1, left: 0, bottom: 1, right: 2)),
        ]

        @Test(arguments: cases + wideCases)
        func forwardsAndGradients(_ c: Case) throws {
            var oracle = Oracle(seed: 31)
            var graph = Graph()
            let x = try graph.input("x", [c.batch, c.inputs, c.height, c.width])
            let weight = try graph.input(
                "w", [c.outputs, c.inputs / c.groups, c.kernel[0], c.kernel[1]])
            let bias = try graph.input("b", [c.outputs])
            let y = try graph.add(c.convolution, x, weight)
            graph.output("y", y)
            graph.output("biased", try graph.add(c.convolution, x, weight, bias))
            let g = try graph.input("g", graph.shape(of: y))
            graph.output("dx", try graph.add(ConvolutionInputGradient(c.convolution), g, weight, x))
            graph.output(
                "dw", try graph.add(ConvolutionWeightGradient(c.convolution), x, g, weight))
            try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-5)
        }

        /// On values that bfloat16 holds exactly only the results are rounded.
        @Test(arguments: cases + wideCases + pairCases)
        func inBFloat16(_ c: Case) throws {
            var oracle = Oracle(seed: 34)
            var graph = Graph()
            let x = try graph.input("x", [c.batch, c.inputs, c.height, c.width])
            let weight = try graph.input(
                "w", [c.outputs, c.inputs / c.groups, c.kernel[0], c.kernel[1]])
            let y = try graph.add(c.convolution, x, weight)
            graph.output("y", y)
            let g = try graph.input("g", graph.shape(of: y))
            graph.output("dx", try graph.add(ConvolutionInputGradient(c.convolution), g, weight, x))
            graph.output(
                "dw", try graph.add(ConvolutionWeightGradient(c.convolution), x, g, weight))
            let feeds = oracle.feeds(graph).mapValues { $0.map { ($0 * 16).rounded() / 16 } }
            try oracle.check(
                graph, feeds: feeds, options: PlanOptions(threads: 2, precision: .bfloat16),
                tolerance: 4e-3)
        }

        @Test(arguments: cases + [wideCases[2]])
        func statesKeepTheirValuesInAnyLayout(_ c: Case) throws {
            var oracle = Oracle(seed: 32)
            var graph = Graph()
            let x = try graph.input("x", [c.batch, c.inputs, c.height, c.width])
            let weight = try graph.state(
                "w", [c.outputs, c.inputs / c.groups, c.kernel[0], c.kernel[1]], role: .parameter,
                initializer: .normal(standardDeviation: 0.3))
            let velocity = try graph.state(
                "v", graph.shape(of: weight), role: .optimizer, initializer: .constant(0))
            let average = try graph.state(
                "a", graph.shape(of: weight), role: .average, initializer: .copy(of: "w"))
            let y = try graph.add(c.convolution, x, weight)
            let loss = try graph.reduce(.sum, graph.multiply(y, y))
            graph.output("loss", loss)
            let gradient = try #require(try graph.gradients(of: loss, for: [weight])[0])
            graph.output("norm", try graph.globalNorm([gradient]))
            let (next, moved) = try graph.nesterovUpdate(
                weight, gradient: gradient, velocity: velocity, learningRate: graph.constant(0.01),
                gradientScale: graph.constant(0.5), momentum: 0.9, weightDecay: 1e-3)
            try graph.replace(state: "w", with: next)
            try graph.replace(state: "v", with: moved)
            try graph.replace(state: "a", with: graph.movingAverage(average, next, decay: 0.9))
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 5)
            let before = try store.read("w")
            let feeds = oracle.feeds(graph)
            let options = PlanOptions(threads: 2)
            let idle = try CPUExecutor().compile(graph, store: store, options: options)
            #expect(try store.read("w") == before)
            let other = oracle.random(before.shape)
            try store.write("w", other)
            #expect(try store.read("w") == other)
            #expect(idle.report.slowNodes.isEmpty)
            for _ in 0..<3 { try oracle.check(graph, feeds: feeds, store: store, tolerance: 2e-5) }
        }

        @Test(arguments: cases)
        func fusedForms(_ c: Case) throws {
            var oracle = Oracle(seed: 33)
            for (rectifies, adds) in [(true, false), (false, true), (true, true), (false, false)] {
                var graph = Graph()
                let x = try graph.input("x", [c.batch, c.inputs, c.height, c.width])
                let weight = try graph.input(
                    "w", [c.outputs, c.inputs / c.groups, c.kernel[0], c.kernel[1]])
                let bias = try graph.input("b", [c.outputs])
                let y = try graph.add(c.convolution, x, weight, bias)
                let residual = try graph.input("r", graph.shape(of: y))
                let operation = FusedConvolution(
                    c.convolution, rectifies: rectifies, addsResidual: adds)
                let operands = adds ? [x, weight, bias, residual] : [x, weight, bias]
                graph.output("y", try graph.append(operation, operands).output())
                // A residual that dies here lends its memory.
                let doubled = try graph.affine(residual, scale: 2)
                let again = adds ? [x, weight, bias, doubled] : [x, weight, bias]
                graph.output("z", try graph.append(operation, again).output())
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-5)
            }
        }
    }
}
