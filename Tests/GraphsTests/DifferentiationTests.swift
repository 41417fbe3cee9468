import Graphs
import Tensors
import Testing

@Suite struct DifferentiationTests {
    /// Evaluates values of a graph without states.
    private func evaluate(
        _ graph: Graph, _ values: [Value?], _ feeds: [String: Tensor<Double>]
    ) throws -> [Tensor<Double>?] {
        let all = try Interpreter(graph).evaluate(feeds)
        return values.map { value in value.map { all[$0.node][$0.output] } }
    }

    @Test func addsUpOverSharedValues() throws {
        var graph = Graph()
        let x = try graph.input("x", [])
        let square = try graph.square(x)
        let loss = try graph.add(graph.multiply(square, x), square)
        let flows = try graph.gradients(of: loss, for: [x, square])
        let values = try evaluate(graph, flows, ["x": Tensor(scalar: 3)])
        #expect(values[0]?.values == [33])  // 3 x² + 2 x
        #expect(values[1]?.values == [4])  // x + 1
    }

    @Test func nothingFlowsThroughStopGradient() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let t = try graph.input("t", [2])
        let target = try graph.stopGradient(graph.square(t))
        let half = try graph.multiply(x, graph.stopGradient(x))
        let loss = try graph.reduce(.sum, graph.add(graph.subtract(x, target), half))
        let flows = try graph.gradients(of: loss, for: [x, t])
        #expect(flows[1] == nil)
        let values = try evaluate(graph, flows, ["x": tensor([2], 5, 7), "t": counting([2])])
        #expect(values[0]?.values == [6, 8])
    }

    @Test func isNilWhereTheLossDoesNotDepend() throws {
        var graph = Graph()
        let x = try graph.input("x", [])
        let y = try graph.input("y", [])
        let loss = try graph.square(x)
        let later = try graph.square(loss)
        let flows = try graph.gradients(of: loss, for: [x, y, later])
        #expect(flows[0] != nil && flows[1] == nil && flows[2] == nil)
    }

    @Test func theLossIsItsOwnParameter() throws {
        var graph = Graph()
        let x = try graph.input("x", [])
        let flows = try graph.gradients(of: x, for: [x])
        #expect(try evaluate(graph, flows, ["x": Tensor(scalar: 3)])[0]?.values == [1])
    }

    @Test func noGradientThroughComparisonsAndStatistics() throws {
        var graph = Graph()
        let x = try graph.input("x", [4, 2])
        let one = try graph.constant(Tensor(shape: [2], repeating: 1))
        let normal = try graph.normalizeBatch(x, scale: one, offset: one)
        let sum = try graph.reduce(.sum, normal.mean)
        let steps = try graph.reduce(.sum, graph.greater(x, graph.negate(x)))
        #expect(try graph.gradients(of: sum, for: [x]) == [nil])
        #expect(try graph.gradients(of: steps, for: [x]) == [nil])
    }

    @Test func addsNoWorkForWhatIsNotAsked() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 1, 4, 4])
        let weight = try graph.input("w", [1, 1, 3, 3])
        let loss = try graph.reduce(.sum, graph.convolve(x, weight: weight))
        _ = try graph.gradients(of: loss, for: [weight])
        let kinds = graph.nodes.map { $0.operation.kind }
        #expect(kinds.contains("ConvolutionWeightGradient"))
        #expect(!kinds.contains("ConvolutionInputGradient"))
    }

    @Test func wantsAScalar() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let error = #expect(throws: GraphError.self) { try graph.gradients(of: x, for: [x]) }
        #expect(error?.code == .shape && error?.message.contains("[2]") == true)
    }

    @Test func namesTheOperatorWithoutDerivative() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let norm = try graph.add(GlobalNorm(), x, name: "norm")
        let error = #expect(throws: GraphError.self) { try graph.gradients(of: norm, for: [x]) }
        #expect(error?.code == .notDifferentiable && error?.node == "norm")
        #expect(error?.message.contains("GlobalNorm") == true)
    }

    // MARK: Ties

    private func gradient(
        at x: Tensor<Double>, _ build: (inout Graph, Value) throws -> Value
    ) throws -> [Double] {
        var graph = Graph()
        let input = try graph.input("x", x.shape)
        let loss = try graph.reduce(.sum, build(&graph, input))
        let flow = try graph.gradients(of: loss, for: [input])
        return try #require(try evaluate(graph, flow, ["x": x])[0]).values
    }

    @Test func extremesShareAmongTies() throws {
        let x = tensor([2, 3], 5, 5, 1, 0, 2, 0)
        #expect(
            try gradient(at: x) { try $0.reduce(.maximum, $1, axes: [1]) } == [
                0.5, 0.5, 0, 0, 1, 0,
            ])
        #expect(
            try gradient(at: x) { try $0.reduce(.minimum, $1, axes: [1]) } == [
                0, 0, 1, 0.5, 0, 0.5,
            ])
    }

    @Test func poolingGivesTheFirstOfTiesEverything() throws {
        let x = tensor([1, 1, 2, 4], 1, 7, 0, 0, 7, 7, 0, 0)
        #expect(
            try gradient(at: x) { try $0.maximumPool($1, window: [2, 2]) } == [
                0, 1, 1, 0, 0, 0, 0, 0,
            ])
    }

    @Test func binaryExtremesGiveTheFirstOperandEverything() throws {
        let x = tensor([3], 1, 2, 3)
        let two = Tensor<Double>(scalar: 2)
        #expect(try gradient(at: x) { try $0.maximum($1, $0.constant(two)) } == [0, 1, 1])
        #expect(try gradient(at: x) { try $0.minimum($1, $0.constant(two)) } == [1, 1, 0])
        #expect(try gradient(at: x) { try $0.maximum($0.constant(two), $1) } == [0, 0, 1])
    }

    @Test func cornersAreFlat() throws {
        #expect(try gradient(at: tensor([3], -1, 0, 1)) { try $0.rectify($1) } == [0, 0, 1])
        #expect(
            try gradient(at: tensor([4], -1, 0, 1, 2)) { try $0.clip($1, minimum: 0, maximum: 1) }
                == [0, 0, 0, 0])
        #expect(
            try gradient(at: tensor([3], 0.5, 1.5, -2)) { try $0.clip($1, minimum: 0, maximum: 1) }
                == [1, 0, 0])
    }
}
