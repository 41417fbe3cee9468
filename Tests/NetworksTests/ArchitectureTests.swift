import Graphs
import Networks
import Tensors
import Testing

@Suite struct ArchitectureTests {
    static func graph(
        _ architecture: any Architecture, input: Shape, classes: Int?, training: Bool = false
    ) throws -> (graph: Graph, taps: NetworkTaps) {
        var graph = Graph()
        let image = try graph.input("image", input)
        let taps = try architecture.build(
            into: &graph, input: image, options: BuildOptions(classes: classes, training: training))
        return (graph, taps)
    }

    static func parameters(_ graph: Graph) -> Int {
        graph.states.map(\.declaration).filter { $0.role == .parameter }.map(\.shape.count)
            .reduce(0, +)
    }

    static func convolutionMultiplyAdds(_ graph: Graph) -> Int {
        graph.nodes.filter { $0.operation is Convolution }.map {
            let kernel = graph.shape(of: $0.inputs[1])
            return $0.outputs[0].shape.count * kernel.count / kernel[0]
        }.reduce(0, +)
    }

    /// Torchvision's documented counts.
    @Test(arguments: [
        ("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032),
        ("mobilenet_v2", 3_504_872), ("mobilenet_v3_small", 2_542_856),
        ("convnext_tiny", 28_589_128),
    ])
    func torchvisionParameterCounts(id: String, expected: Int) throws {
        let architecture = try ArchitectureRegistry.architecture(id)
        let (graph, taps) = try Self.graph(architecture, input: [1, 3, 224, 224], classes: 1000)
        #expect(Self.parameters(graph) == expected)
        #expect(graph.shape(of: taps.features) == [1, architecture.featureChannels, 7, 7])
    }

    /// timm's count for vit_tiny_patch16_224.
    @Test func theTinyTransformerHasTimmsSize() throws {
        let (graph, taps) = try Self.graph(
            VisionTransformer.tiny, input: [1, 3, 224, 224], classes: 1000)
        #expect(Self.parameters(graph) == 5_717_416)
        #expect(graph.shape(of: taps.features) == [1, 192, 14, 14])
        let error = #expect(throws: NetworkError.self) {
            try Self.graph(VisionTransformer.tiny, input: [1, 3, 60, 64], classes: 4)
        }
        #expect(error?.message.contains("multiple of 16") == true)
    }

    @Test func smallNetworksHaveTheSizeTheyPromise() throws {
        let (small, taps) = try Self.graph(
            ResidualNetwork.small, input: [1, 3, 64, 64], classes: 10)
        #expect(Self.parameters(small) == 308_826)
        #expect(Self.convolutionMultiplyAdds(small) == 16_171_008)
        #expect(small.shape(of: taps.features) == [1, 128, 4, 4])
        let (medium, _) = try Self.graph(
            ResidualNetwork.medium, input: [1, 3, 64, 64], classes: 10)
        #expect(Self.parameters(medium) == 1_228_970)
        #expect(Self.convolutionMultiplyAdds(medium) == 63_799_296)
    }

    @Test(arguments: ArchitectureRegistry.all.map(\.id))
    func tapsAreLabelled(id: String) throws {
        let architecture = try ArchitectureRegistry.architecture(id)
        let (graph, taps) = try Self.graph(architecture, input: [2, 1, 64, 64], classes: 7)
        for name in ["stem", "layer1", "layer2", "layer3", "layer4"] {
            #expect(graph.shape(of: try graph.value(named: name)).rank == 4)
        }
        #expect(try graph.value(named: "features") == taps.features)
        #expect(try graph.value(named: "pooled") == taps.pooled)
        #expect(graph.shape(of: taps.pooled) == [2, architecture.featureChannels])
        let logits = try #require(taps.logits)
        #expect(graph.shape(of: logits) == [2, 7])
        #expect(graph.states.contains { $0.declaration.name == architecture.inputKernel })
        let head = graph.declaredState(named: architecture.headWeight)
        #expect(head?.declaration.shape.dimensions.first == 7)
    }

    @Test(arguments: ArchitectureRegistry.all.map(\.id))
    func withoutClassesThereIsNoHead(id: String) throws {
        let architecture = try ArchitectureRegistry.architecture(id)
        let (graph, taps) = try Self.graph(architecture, input: [2, 3, 64, 64], classes: nil)
        #expect(taps.logits == nil)
        #expect(graph.labels["logits"] == nil)
        let head = architecture.headWeight.split(separator: ".")[0]
        #expect(!graph.states.contains { $0.declaration.name.hasPrefix("\(head).") })
    }

    @Test func anyBatchFitsOneGraph() throws {
        for architecture in ArchitectureRegistry.all {
            let (graph, taps) = try Self.graph(
                architecture, input: [1, 3, 64, 64], classes: 4, training: true)
            // A transformer's table of positions belongs to one size.
            let side = architecture is VisionTransformer ? 64 : 96
            let larger = try graph.rebound(inputs: ["image": [5, 3, side, side]])
            let logits = try #require(taps.logits)
            #expect(larger.shape(of: logits) == [5, 4])
        }
    }

    @Test func trainingUpdatesEveryRunningStatistic() throws {
        let (graph, _) = try Self.graph(
            ResidualNetwork.small, input: [2, 3, 32, 32], classes: 4, training: true)
        let statistics = graph.states.map(\.declaration).filter { $0.role == .statistic }
        #expect(Set(graph.replacements.map(\.state)) == Set(statistics.map(\.name)))
        let (frozen, _) = try Self.graph(
            ResidualNetwork.small, input: [2, 3, 32, 32], classes: 4)
        #expect(frozen.replacements.isEmpty)
    }

    /// Kernels and matrices decay; scales, offsets, tokens and positions do not.
    @Test(arguments: ArchitectureRegistry.all.map(\.id))
    func onlyWeightsDecay(id: String) throws {
        let (graph, _) = try Self.graph(
            ArchitectureRegistry.architecture(id), input: [2, 3, 32, 32], classes: 4)
        for declaration in graph.states.map(\.declaration) {
            let isWeight = declaration.shape.rank == 2 || declaration.shape.rank == 4
            #expect(declaration.decays == isWeight, "\(declaration.name)")
        }
    }

    @Test func twoNetworksInOneGraphKeepApart() throws {
        var graph = Graph()
        let image = try graph.input("image", [1, 3, 32, 32])
        for scope in ["teacher", "student"] {
            _ = try graph.scoped(scope) {
                try ResidualNetwork.small.build(
                    into: &$0, input: image, options: BuildOptions(classes: 4, training: true))
            }
        }
        #expect(Self.parameters(graph) == 2 * (308_826 - 6 * 129))
        #expect(graph.labels["student.logits"] != graph.labels["teacher.logits"])
        #expect(graph.replacements.contains { $0.state == "student.bn1.running_var" })
    }

    @Test func mistakesAreExplained() {
        let unknown = #expect(throws: NetworkError.self) {
            try ArchitectureRegistry.architecture("resnet-18")
        }
        #expect(unknown?.message.contains("did you mean resnet18") == true)
        let rank = #expect(throws: NetworkError.self) {
            try Self.graph(ResidualNetwork.small, input: [3, 64, 64], classes: 4)
        }
        #expect(rank?.code == .input)
        #expect(throws: NetworkError.self) {
            try Self.graph(ResidualNetwork.small, input: [1, 3, 64, 64], classes: 0)
        }
        let lonely = #expect(throws: NetworkError.self) {
            try Self.graph(
                ResidualNetwork.small, input: [1, 3, 16, 16], classes: 4, training: true)
        }
        #expect(lonely?.message.contains("[1, 128, 1, 1]") == true)
    }
}
