import Graphs
import Networks
import Tensors
import Testing

@Suite struct ImportedWeightsTests {
    private static func network(
        _ id: String, channels: Int = 3
    ) throws -> (graph: Graph, states: [String: Tensor<Float>]) {
        let architecture = try ArchitectureRegistry.architecture(id)
        var (graph, taps) = try ArchitectureTests.graph(
            architecture, input: [1, channels, 32, 32], classes: 7)
        if let logits = taps.logits { graph.output("logits", logits) }
        return (graph, DeterministicStates.all(of: graph).mapValues { $0.map { Float($0) } })
    }

    /// Under whatever names, the network that begins with the file's weights computes what the file does.
    @Test(arguments: ExportedDisguise.Naming.allCases)
    func theFunctionSurvives(_ naming: ExportedDisguise.Naming) throws {
        let (graph, states) = try Self.network("residual-small")
        let source = try ExportedDisguise(graph, states: states, naming: naming)
        let found = ImportedWeights(of: source.graph, values: source.values, to: graph)
        #expect(Set(found.states.keys) == Set(graph.states.map(\.declaration.name)))
        #expect(found.folded.count == source.folded.count)
        #expect(!found.folded.isEmpty)
        let image = Tensor<Double>(
            shape: [1, 3, 32, 32], values: (0..<3072).map { Double($0 % 97) / 50 - 1 })
        var before = Interpreter(graph, states: states.mapValues { $0.map(Double.init) })
        var after = Interpreter(graph, states: found.states.mapValues { $0.map(Double.init) })
        let expected = try #require(try before.run(["image": image])["logits"])
        let actual = try #require(try after.run(["image": image])["logits"])
        for (a, b) in zip(expected.values, actual.values) {
            #expect(abs(a - b) <= 1e-4 * max(1, abs(a)))
        }
    }

    @Test(
        arguments: ArchitectureRegistry.all.map(\.id), [ExportedDisguise.Naming.states, .modules])
    func everyTensorOfEveryArchitectureIsFound(_ id: String, _ naming: ExportedDisguise.Naming)
        throws
    {
        let (graph, states) = try Self.network(id)
        let source = try ExportedDisguise(graph, states: states, naming: naming)
        let found = ImportedWeights(of: source.graph, values: source.values, to: graph)
        let folded = Set(found.folded.map { $0 })
        #expect(folded == Set(source.folded.keys))
        for (declaration, _) in graph.states {
            let value = try #require(found.states[declaration.name], "\(declaration.name)")
            #expect(value.shape == declaration.shape, "\(declaration.name)")
            if let merged = source.folded[declaration.name] {
                #expect(value == merged.weight, "\(declaration.name)")
            }
        }
        // All but the folded layers and their normalisations comes over as it is.
        let normalizations = Set(
            graph.nodes.filter { $0.operation is BatchNormalizationInference }
                .flatMap { $0.inputs.dropFirst().map { graph.node(of: $0).name } })
        for (name, value) in states
        where source.folded[name] == nil && !normalizations.contains(name) {
            #expect(found.states[name] == value, "\(name)")
        }
    }

    /// Another input and another head do not keep the layers between from being found by their order.
    @Test func orderSurvivesOtherEnds() throws {
        let (teacher, states) = try Self.network("residual-small")
        let source = try ExportedDisguise(teacher, states: states, naming: .nothing)
        let (student, _) = try Self.network("residual-small", channels: 1)
        let found = ImportedWeights(of: source.graph, values: source.values, to: student)
        let transfer = WeightTransfer(
            from: found.states, to: student.states.map(\.declaration),
            inputKernel: ResidualNetwork.small.inputKernel)
        #expect(transfer.adapted == ["conv1.weight"])
        #expect(transfer.skipped.isEmpty)
    }

    /// One name that survived does not keep the order from being found.
    @Test func oneNameAgreesWithTheOrder() throws {
        let (graph, states) = try Self.network("residual-small")
        let source = try ExportedDisguise(
            graph, states: states, naming: .nothing, except: "fc.weight")
        let found = ImportedWeights(of: source.graph, values: source.values, to: graph)
        #expect(Set(found.states.keys) == Set(graph.states.map(\.declaration.name)))
    }

    @Test func strangersShareNothing() throws {
        let (teacher, states) = try Self.network("mobilenet_v2")
        let source = try ExportedDisguise(teacher, states: states, naming: .nothing)
        let (student, _) = try Self.network("residual-small")
        #expect(
            ImportedWeights(of: source.graph, values: source.values, to: student).states.isEmpty)
    }
}

/// One convolution with a normalisation, and what exporters may write in its place.
@Suite struct ChangedLayerTests {
    private static func target() throws -> Graph {
        var graph = Graph()
        let x = try graph.input("x", [1, 2, 4, 4])
        let weight = try graph.state(
            "conv.weight", [3, 2, 1, 1], role: .parameter, initializer: .constant(0))
        let y = try graph.convolve(x, weight: weight, bias: nil, name: "conv")
        let names = ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]
        let operands = try names.map {
            try graph.state($0, [3], role: .parameter, initializer: .constant(0))
        }
        graph.output(
            "y",
            try graph.append(BatchNormalizationInference(epsilon: 1e-5), [y] + operands).output())
        return graph
    }

    private static let weight = Tensor<Float>(shape: [3, 2, 1, 1], values: [1, 2, 3, 4, 5, 6])

    /// A convolution whose weights keep their name, followed by what `rest` makes of it.
    private static func source(
        hasBias: Bool = false, _ rest: (inout Graph, Value) throws -> Value
    ) throws -> (Graph, [String: Tensor<Float>]) {
        var graph = Graph()
        let x = try graph.input("x", [1, 2, 4, 4])
        let state = try graph.state(
            "conv.weight", [3, 2, 1, 1], role: .parameter, initializer: .values(weight))
        let bias = try hasBias ? graph.constant(Tensor(shape: [3], values: [1, 2, 3])) : nil
        let y = try graph.convolve(x, weight: state, bias: bias, name: "conv")
        graph.output("y", try rest(&graph, y))
        return (graph, ["conv.weight": weight])
    }

    private static func vector(_ values: [Double], in graph: inout Graph) throws -> Value {
        try graph.constant(Tensor(shape: [1, 3, 1, 1], values: values))
    }

    @Test func aFactorThatTheArchitectureLacksLeavesTheLayerOut() throws {
        let (graph, values) = try Self.source { graph, y in
            let scaled = try graph.multiply(y, Self.vector([2, 3, 4], in: &graph))
            return try graph.add(Binary(.add), scaled, Self.vector([1, 1, 1], in: &graph))
        }
        let found = ImportedWeights(of: graph, values: values, to: try Self.target())
        #expect(found.states.isEmpty && found.folded.isEmpty)
    }

    /// The kernel that is applied is not the one that carries the name.
    @Test func aFactorOnTheWeightsLeavesTheLayerOut() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 2, 4, 4])
        let state = try graph.state(
            "conv.weight", [3, 2, 1, 1], role: .parameter, initializer: .values(Self.weight))
        let scaled = try graph.multiply(state, graph.constant(2))
        graph.output("y", try graph.convolve(x, weight: scaled, bias: nil, name: "conv"))
        let found = ImportedWeights(
            of: graph, values: ["conv.weight": Self.weight], to: try Self.target())
        #expect(found.states.isEmpty)
    }

    @Test func constantsAreBiasesToo() throws {
        let (graph, values) = try Self.source(hasBias: true) { $1 }
        let found = ImportedWeights(of: graph, values: values, to: try Self.target())
        #expect(found.states["conv.weight"] == Self.weight)
        #expect(found.states["bn.bias"]?.values == [1, 2, 3])
        #expect(found.folded == ["conv.weight"])
    }

    /// One number added to everything is a part of an activation, as in a hard sigmoid.
    @Test func activationsAreNoBiases() throws {
        let (graph, values) = try Self.source(hasBias: true) { graph, y in
            try graph.add(y, graph.constant(3))
        }
        let found = ImportedWeights(of: graph, values: values, to: try Self.target())
        #expect(found.states["bn.bias"]?.values == [1, 2, 3])
    }

    @Test func constantNormalizationsAreReadWithTheirEpsilon() throws {
        let parts: [[Double]] = [[2, 3, 4], [5, 6, 7], [0.5, 0.25, 0], [1, 2, 3]]
        let (graph, values) = try Self.source(hasBias: true) { graph, y in
            let operands = try parts.map { try graph.constant(Tensor(shape: [3], values: $0)) }
            return try graph.append(BatchNormalizationInference(epsilon: 1e-3), [y] + operands)
                .output()
        }
        let found = ImportedWeights(of: graph, values: values, to: try Self.target())
        #expect(found.folded.isEmpty)
        #expect(found.states["bn.weight"]?.values == [2, 3, 4])
        #expect(found.states["bn.running_mean"]?.values == [-0.5, -1.75, -3])
        let variance = try #require(found.states["bn.running_var"]).values
        for (a, b) in zip(variance, parts[3]) { #expect(abs(Double(a) - b - 1e-3 + 1e-5) < 1e-6) }
    }
}
