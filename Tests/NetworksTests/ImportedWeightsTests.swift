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
        // What no normalisation follows comes over as it is.
        let untouched = graph.states.map(\.declaration.name).filter { name in
            source.values.values.contains { $0 == states[name] } && source.folded[name] == nil
        }
        for name in untouched { #expect(found.states[name] == states[name], "\(name)") }
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

    @Test func strangersShareNothing() throws {
        let (teacher, states) = try Self.network("mobilenet_v2")
        let source = try ExportedDisguise(teacher, states: states, naming: .nothing)
        let (student, _) = try Self.network("residual-small")
        #expect(
            ImportedWeights(of: source.graph, values: source.values, to: student).states.isEmpty)
    }
}
