import Graphs
import Tensors
import Testing

@Suite struct RewriteTests {
    /// A rewrite by name, for the test's listing.
    struct Named: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rewrite: any Rewrite

        init(_ name: String, _ rewrite: any Rewrite) {
            testDescription = name
            self.rewrite = rewrite
        }
    }

    static let nothing = KeptNames.only([])
    static let rewrites: [Named] = [
        Named("dead nodes", DeadNodeElimination()),
        Named("dead nodes and labels", DeadNodeElimination(keeping: nothing)),
        Named("identities", IdentityElimination()),
        Named("identities, final", IdentityElimination(isFinal: true)),
        Named("constants", ConstantFolding()),
        Named("common subexpressions", CommonSubexpressionElimination()),
        Named("normalisation", BatchNormalizationFolding()),
        Named("normalisation without labels", BatchNormalizationFolding(keeping: nothing)),
        Named("fusion", ConvolutionFusion()),
        Named("fusion without labels", ConvolutionFusion(keeping: nothing)),
        Named("inference", Rewriter.inference()),
        Named("inference without labels", Rewriter.inference(keeping: nothing)),
        Named("training", Rewriter.training()),
        Named("inference twice", Rewriter([Rewriter.inference(), Rewriter.inference()])),
    ]

    @Test(arguments: rewrites)
    func keepsTheValuesOfRandomGraphs(_ named: Named) throws {
        for seed in UInt64(1)...12 {
            let random = try RandomGraph(seed: seed)
            let result = try named.rewrite.apply(to: random.graph)
            let error = try difference(
                random.graph, result, states: random.states, feeds: random.feeds)
            #expect(error < 1e-9, "\(named.testDescription), seed \(seed)")
        }
    }

    @Test(arguments: rewrites)
    func keepsTheValuesOfAResidualNetwork(_ named: Named) throws {
        let network = try ResidualNetwork(seed: 3)
        let result = try named.rewrite.apply(to: network.graph)
        let error = try difference(
            network.graph, result, states: network.states, feeds: network.feeds)
        #expect(error < 1e-9, "\(named.testDescription), seed 3")
    }

    @Test func keepsTheValuesOfATrainingGraph() throws {
        var network = try ResidualNetwork(seed: 4)
        let logits = try network.graph.value(named: "logits")
        let loss = try network.graph.reduce(
            .mean, network.graph.square(network.graph.logSoftmax(logits, axis: -1)))
        network.graph.output("loss", loss)
        let names = ["stem.weight", "layer1.1.scale", "layer2.shortcut.weight", "fc.bias"]
        let parameters = try names.map { try network.graph.value(named: $0) }
        let flows = try network.graph.gradients(of: loss, for: parameters)
        for (name, flow) in zip(names, flows) {
            network.graph.output("gradient of \(name)", try #require(flow))
        }
        for rewriter in [Rewriter.training(), .inference(), .inference(keeping: Self.nothing)] {
            let result = try rewriter.apply(to: network.graph)
            let error = try difference(
                network.graph, result, states: network.states, feeds: network.feeds)
            #expect(error < 1e-9, "seed 4")
        }
    }

    // MARK: What becomes of the network

    private func kinds(_ graph: Graph) -> [String: Int] {
        graph.nodes.reduce(into: [:]) { $0[$1.operation.kind, default: 0] += 1 }
    }

    @Test func fusesTheWholeResidualNetwork() throws {
        let network = try ResidualNetwork(seed: 3)
        let result = try Rewriter.inference(keeping: .only(["layer2"])).apply(to: network.graph)
        let found = kinds(result)
        #expect(found["BatchNormalizationInference"] == nil)
        #expect(found["Rectifier"] == nil)
        // The shortcut's convolution stands alone: its value is the residual.
        #expect(found["FusedConvolution"] == 5 && found["Convolution"] == 1)
        #expect(result.labels.keys.sorted() == ["layer2"])
        #expect(try result.node(of: result.value(named: "layer2")).name == "layer2.out")
        #expect(result.outputs.map(\.name) == ["logits", "probabilities"])
        #expect(result.inputs.map(\.name) == ["image"])
    }

    @Test func leavesWhatIsReadElsewhere() throws {
        let network = try ResidualNetwork(seed: 3)
        // Labels name the raw convolutions, so none of them may vanish.
        let labelled = try Rewriter.inference().apply(to: network.graph)
        #expect(kinds(labelled)["BatchNormalizationInference"] == 6)
        #expect(Set(labelled.labels.keys) == Set(network.graph.labels.keys))
        let one = try Rewriter.inference(keeping: .only(["stem.raw"])).apply(to: network.graph)
        #expect(kinds(one)["BatchNormalizationInference"] == 1)

        var outputs = network.graph
        outputs.output("raw", try outputs.value(named: "stem.raw"))
        let read = try Rewriter.inference(keeping: Self.nothing).apply(to: outputs)
        #expect(kinds(read)["BatchNormalizationInference"] == 1)
    }

    @Test func keepsNamesOfNodes() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let same = try graph.add(Affine(), x, name: "same")
        let first = try graph.add(Unary(.tanh), same, name: "first")
        let second = try graph.add(Unary(.tanh), x, name: "second")
        graph.output("y", try graph.add(first, second))
        let result = try Rewriter.training(keeping: .only(["same", "second"])).apply(to: graph)
        #expect(try result.value(named: "same") == result.value(named: "x"))
        #expect(try result.value(named: "second") == result.value(named: "first"))
        #expect(result.nodes.count == 3)
    }

    @Test func aSumOfTwoConvolutionsAbsorbsOne() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 2, 3, 3])
        let w = try graph.state("w", [2, 2, 1, 1], role: .parameter, initializer: .constant(1))
        let v = try graph.state("v", [2, 2, 3, 3], role: .parameter, initializer: .constant(1))
        let sum = try graph.add(
            graph.convolve(x, weight: w), graph.convolve(x, weight: v, padding: Padding(1)))
        graph.output("y", sum)
        // Added to itself a convolution is used twice, and a broadcast sum is no residual.
        let twice = try graph.convolve(x, weight: w, name: "twice")
        graph.output("z", try graph.add(twice, twice))
        let row = try graph.input("row", [1, 1, 1, 3])
        graph.output("b", try graph.add(graph.convolve(x, weight: w, name: "plain"), row))
        let result = try ConvolutionFusion().apply(to: graph)
        #expect(kinds(result)["FusedConvolution"] == 1)
        #expect(kinds(result)["Convolution"] == 3)
    }

    @Test func dropsWhatNothingReads() throws {
        var graph = Graph()
        let x = try graph.input("x", [2])
        let unused = try graph.input("unused", [2])
        _ = try graph.state("kept", [2], role: .memory, initializer: .constant(0))
        _ = try graph.state("dead", [2], role: .memory, initializer: .constant(0))
        graph.label(try graph.square(unused), "tap")
        try graph.replace(state: "kept", with: x)
        graph.output("y", try graph.negate(x))
        let result = try DeadNodeElimination(keeping: Self.nothing).apply(to: graph)
        #expect(result.nodes.count == 3)
        #expect(result.states.map(\.declaration.name) == ["kept"])
        #expect(result.inputs.map(\.name) == ["x"])
        #expect(result.labels.isEmpty)
        #expect(try DeadNodeElimination().apply(to: graph).inputs.count == 2)
        let declared = DeadNodeElimination(keeping: Self.nothing, keepsInputs: true)
        #expect(try declared.apply(to: graph).inputs.count == 2)
    }

    @Test func foldsConstantsUpToASize() throws {
        var graph = Graph()
        let a = try graph.constant(Tensor(shape: [3, 1], values: [1, 2, 3]))
        let b = try graph.constant(Tensor(shape: [1, 4], repeating: 2))
        graph.output("y", try graph.square(graph.add(a, b)))
        #expect(kinds(try ConstantFolding().apply(to: graph)) == ["Constant": 4])
        #expect(kinds(try ConstantFolding(largestCount: 11).apply(to: graph))["Unary"] == 1)
    }

    @Test func extractsTaps() throws {
        let network = try ResidualNetwork(seed: 3)
        let result = try Extraction(outputs: [("features", "features"), ("raw", "stem.raw")])
            .apply(to: network.graph)
        #expect(result.outputs.map(\.name) == ["features", "raw"])
        #expect(result.states.allSatisfy { !$0.declaration.name.hasPrefix("fc") })
        var whole = network.graph
        whole.output("features", try whole.value(named: "features"))
        var before = Interpreter(whole, states: network.states)
        var after = Interpreter(result, states: network.states)
        #expect(
            try before.run(network.feeds)["features"] == after.run(network.feeds)["features"])
        let error = #expect(throws: GraphError.self) {
            try Extraction(outputs: [("y", "layer")]).apply(to: network.graph)
        }
        #expect(error?.code == .unknownName)
    }

    @Test func onlyFinalGraphsLoseShapeNodes() throws {
        var graph = Graph()
        let x = try graph.input("x", [1, 3])
        let bias = try graph.state("b", [1, 3], role: .parameter, initializer: .constant(0))
        let y = try graph.reduce(x, like: bias)
        graph.output("y", y)
        let open = try IdentityElimination().apply(to: graph)
        #expect(
            try open.rebound(inputs: ["x": [4, 3]]).shape(of: open.outputs[0].value) == [1, 3])
        #expect(kinds(try IdentityElimination(isFinal: true).apply(to: graph))["ReduceLike"] == nil)
    }
}
