import Execution
import Graphs
import Networks
import Tensors
import Testing

/// Forward passes of interpreter and executor against torchvision; see `Tests/Fixtures/networks_reference.py`.
@Suite struct TorchvisionParityTests {
    static let expected: [(architecture: any Architecture, logits: [Double])] = [
        (
            ResidualNetwork.resnet18,
            [
                -11.7723123, -9.22487933, -4.71204758, 12.56630827, -12.78698287, -26.79261968,
                12.45027678, -4.01016419, -11.75945524, 5.97617767,
            ]
        ),
        (
            // torchvision's ResNet(Bottleneck, [1, 1, 1, 1]).
            ResidualNetwork(
                id: "bottleneck", summary: "", stem: .imageNet, block: .bottleneck,
                depths: [1, 1, 1, 1], widths: [64, 128, 256, 512]),
            [
                -2.21979212, -3.66608582, -9.25864564, -6.03919112, -5.5802255, 6.63988843,
                6.20206576, 2.30423218, -1.74983518, 0.36630382,
            ]
        ),
        (
            MobileNetV2(),
            [
                -1.68164599, 0.80454624, 1.85201574, 1.04514166, -2.89715485, 2.61153699,
                -0.13978778, 1.48129955, -1.29185811, -1.84665804,
            ]
        ),
        (
            MobileNetV3Small(),
            [
                -0.27477809, -0.02983068, 0.28712712, -0.24246427, -0.17600604, -0.24727399,
                0.10184728, 0.01721628, 0.82893788, -0.09191705,
            ]
        ),
        (
            // torchvision's ConvNeXt([CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 2)]).
            ConvNeXt(id: "convnext", summary: "", depths: [1, 2], widths: [8, 16]),
            [
                -1.3481766, 2.40523863, 1.19842527, 0.79330099, 2.0983894, 1.12527737, 1.0587454,
                -1.63609534, -1.99615704, -1.3376066,
            ]
        ),
        (
            ConvNeXt.tiny,
            [
                1.19715164, 2.09216414, 0.41186533, -0.91313902, 0.11601495, 0.16456705,
                -0.70397915, 1.5708192, 0.75046243, 0.34142587,
            ]
        ),
        (
            // timm's vit_tiny_patch16_224 with img_size=32.
            VisionTransformer.tiny,
            [
                -0.00227325, -0.36891003, -1.2475369, -2.04758575, 0.76848702, -0.28287263,
                -0.8365129, 0.20689833, 0.6633773, -1.68068079,
            ]
        ),
    ]

    @Test(arguments: expected.indices)
    func logitsAgree(index: Int) throws {
        let (architecture, expected) = Self.expected[index]
        let shape: Shape = [1, 3, 32, 32]
        var (graph, taps) = try ArchitectureTests.graph(architecture, input: shape, classes: 10)
        graph.output("logits", try #require(taps.logits))
        let states = DeterministicStates.all(of: graph)
        let image = DeterministicStates.input(shape)
        // The interpreter is slow, and these have the same parts as the others.
        if !["resnet18", "convnext_tiny"].contains(architecture.id) {
            var interpreter = Interpreter(graph, states: states)
            let logits = try #require(try interpreter.run(["image": image])["logits"]).values
            #expect(isClose(logits, expected, within: 1e-6), "\(architecture.id): \(logits)")
        }
        let store = try StateStore(graph, states)
        let largest = expected.map { abs($0) }.max() ?? 0
        for inference in [true, false] {
            let plan = try CPUExecutor().compile(
                graph, store: store,
                options: PlanOptions(threads: 2, label: "test", inference: inference))
            try plan.feed("image", image.map { Float($0) })
            try plan.run()
            let logits = try plan.read("logits").values.map { Double($0) }
            #expect(
                isClose(logits, expected, within: 1e-5 * largest), "\(architecture.id): \(logits)")
        }
    }
}

extension StateStore {
    /// A store with the states of a graph at given values.
    convenience init(_ graph: Graph, _ states: [String: Tensor<Double>]) throws {
        self.init()
        try declare(statesOf: graph, seed: 0)
        for (name, tensor) in states { try write(name, tensor.map { Float($0) }) }
    }
}
