import Graphs
import Networks
import Tensors
import Testing

/// Optimiser, running statistics and averages against torch; see `Tests/Fixtures/networks_reference.py`.
@Suite struct TrainingStepTests {
    /// Three steps of torch.optim.SGD(nesterov=True) on a linear layer.
    @Test func nesterovStepsEqualTorch() throws {
        var graph = Graph()
        let x = try graph.input("x", [3, 2])
        let y = try graph.input("y", [3, 2])
        let rate = try graph.input("rate", .scalar)
        let weight = try graph.state(
            "w", [2, 2], role: .parameter, initializer: .constant(0), decays: true)
        let bias = try graph.state("b", [2], role: .parameter, initializer: .constant(0))
        let answer = try graph.add(graph.multiplyMatrices(x, weight, transposeRight: true), bias)
        let loss = try graph.reduce(.mean, graph.square(graph.subtract(answer, y)))
        let trained = try NesterovSGD(momentum: 0.9, weightDecay: 0.01, gradientClip: 0).minimize(
            loss, learningRate: rate, in: &graph)
        #expect(trained.map(\.name) == ["w", "b"])
        var interpreter = Interpreter(
            graph,
            states: [
                "w": Tensor(shape: [2, 2], values: [0.5, -1, 2, 0.25]),
                "b": Tensor(shape: [2], values: [0.1, -0.2]),
                "optimizer.velocity.w": Tensor(shape: [2, 2], repeating: 0),
                "optimizer.velocity.b": Tensor(shape: [2], repeating: 0),
            ])
        for _ in 0..<3 {
            let results = try interpreter.run([
                "x": Tensor(shape: [3, 2], values: [1, 2, -0.5, 0.75, 0.3, -1.2]),
                "y": Tensor(shape: [3, 2], values: [0.2, 0.4, 1, -1, 0, 0.6]),
                "rate": Tensor(scalar: 0.1),
            ])
            #expect(results["gradient.norm"] != nil)
        }
        let expected = [0.41934797, 0.14058891, 1.63861099, -0.50659032]
        #expect(isClose(interpreter.states["w"]?.values ?? [], expected, within: 1e-7))
        #expect(
            isClose(
                interpreter.states["b"]?.values ?? [], [0.43026446, -0.40367677], within: 1e-7))
    }

    private static let tiny = ResidualNetwork(
        id: "tiny", summary: "", stem: .compact, block: .basic, depths: [1, 1], widths: [4, 8])

    /// Image, labels and rate of a step, counted from 0.
    static func feeds(step: Int) -> [String: Tensor<Double>] {
        var labels = Tensor<Double>(shape: [4, 3], repeating: 0)
        for (row, label) in [0, 2, 1, 2].enumerated() { labels[row, label] = 1 }
        return [
            "image": DeterministicStates.input([4, 3, 8, 8]), "labels": labels,
            "rate": Tensor(scalar: 0.1 / Double(step + 1)),
        ]
    }

    static func trainingGraph() throws -> Graph {
        var graph = Graph()
        let image = try graph.input("image", [4, 3, 8, 8])
        let labels = try graph.input("labels", [4, 3])
        let rate = try graph.input("rate", .scalar)
        let taps = try tiny.build(
            into: &graph, input: image, options: BuildOptions(classes: 3, training: true))
        let logits = try #require(taps.logits)
        let terms = try graph.multiply(labels, graph.logSoftmax(logits, axis: 1))
        let perSample = try graph.reduce(.sum, terms, axes: [1])
        let loss = try graph.negate(graph.reduce(.mean, perSample))
        graph.output("loss", loss)
        try NesterovSGD(momentum: 0.9, weightDecay: 0.01, gradientClip: 0.5).minimize(
            loss, learningRate: rate, in: &graph)
        try ExponentialMovingAverage(decay: 0.9).apply(to: &graph)
        return graph
    }

    /// Clipping, decay of weights alone, a falling rate, running statistics and averages together.
    @Test func aResidualNetworkTrainsAsInTorch() throws {
        let graph = try Self.trainingGraph()
        var interpreter = Interpreter(graph, states: DeterministicStates.all(of: graph))
        var losses: [Double] = []
        var norms: [Double] = []
        for step in 0..<3 {
            let results = try interpreter.run(Self.feeds(step: step))
            losses += results["loss"]?.values ?? []
            norms += results["gradient.norm"]?.values ?? []
        }
        #expect(
            isClose(losses, [1.351913863, 1.082079129, 0.952931776], within: 1e-6), "\(losses)")
        #expect(isClose(norms, [4.179694602, 2.241159462, 2.293697099], within: 1e-5), "\(norms)")
        let expected: [String: [Double]] = [
            "fc.bias": [0.03447698, -0.04153794, 0.13056231],
            "bn1.running_var": [0.83023077, 0.95648143, 0.6706784, 0.76613783],
            "bn1.weight": [0.9269965, 0.84122433, 1.07874543, 0.75024353],
            "layer2.0.downsample.0.weight": [-0.07753758, -1.15802842, -0.43020751, -0.9840712],
            "average.fc.bias": [0.0377412, -0.04210196, 0.12786211],
            "average.bn1.running_mean": [-0.03378891, 0.17070627, 0.17041737, 0.14916864],
        ]
        for (name, values) in expected {
            let found = Array((interpreter.states[name]?.values ?? []).prefix(values.count))
            #expect(isClose(found, values, within: 1e-6), "\(name): \(found)")
        }
    }

    @Test func everyTrainedStateHasItsVelocityAndItsAverage() throws {
        let graph = try Self.trainingGraph()
        let declarations = graph.states.map(\.declaration)
        let parameters = declarations.filter { $0.role == .parameter }.map(\.name)
        let statistics = declarations.filter { $0.role == .statistic }.map(\.name)
        #expect(
            Set(declarations.filter { $0.role == .optimizer }.map(\.name))
                == Set(parameters.map(NesterovSGD.velocityName(of:))))
        #expect(
            Set(declarations.filter { $0.role == .average }.map(\.name))
                == Set((parameters + statistics).map(ExponentialMovingAverage.averageName(of:))))
        #expect(graph.replacements.count == declarations.count)
    }

    @Test func frozenParametersAreLeftAlone() throws {
        var graph = Graph()
        let rate = try graph.input("rate", .scalar)
        let frozen = try graph.state("teacher.w", [2], role: .parameter, initializer: .constant(1))
        let trained = try graph.state("w", [2], role: .parameter, initializer: .constant(1))
        let loss = try graph.reduce(.sum, graph.multiply(frozen, trained))
        let names = try NesterovSGD().minimize(loss, learningRate: rate, in: &graph) {
            !$0.name.hasPrefix("teacher.")
        }
        #expect(names.map(\.name) == ["w"])
        #expect(try ExponentialMovingAverage(decay: 0.9).apply(to: &graph) == ["w"])
        var other = Graph()
        let constant = try other.constant(1)
        let otherRate = try other.input("rate", .scalar)
        let error = #expect(throws: NetworkError.self) {
            try NesterovSGD().minimize(constant, learningRate: otherRate, in: &other)
        }
        #expect(error?.code == .optimizer)
    }

    @Test func averagesWarmUp() throws {
        let average = ExponentialMovingAverage(decay: 0.99, warmsUp: true)
        #expect(average.decay(step: 0) == 0.1)
        #expect(average.decay(step: 10) == 11.0 / 20)
        #expect(average.decay(step: 10_000) == 0.99)
        var graph = Graph()
        let state = try graph.state("w", [2], role: .parameter, initializer: .constant(0))
        try graph.replace(state: "w", with: graph.affine(state, scale: 1, offset: 1))
        try average.apply(to: &graph)
        var interpreter = Interpreter(
            graph,
            states: [
                "w": Tensor(shape: [2], values: [0, 1]),
                "average.w": Tensor(shape: [2], values: [0, 1]),
            ])
        for step in 0..<2 {
            _ = try interpreter.run([
                ExponentialMovingAverage.decayInput: Tensor(scalar: average.decay(step: step))
            ])
        }
        // .1 x 0 + .9 x 1 = .9, then 2/11 x .9 + 9/11 x 2.
        let expected = 2.0 / 11 * 0.9 + 9.0 / 11 * 2
        #expect(
            isClose(
                interpreter.states["average.w"]?.values ?? [], [expected, expected + 1],
                within: 1e-12))
    }
}
