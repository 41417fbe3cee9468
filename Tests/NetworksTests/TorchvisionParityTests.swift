import Graphs
import Networks
import Tensors
import Testing

/// Forward passes against torchvision in float64; see `Tests/Fixtures/networks_reference.py`.
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
    ]

    @Test(arguments: 0..<3)
    func logitsAgree(index: Int) throws {
        let (architecture, expected) = Self.expected[index]
        var (graph, taps) = try ArchitectureTests.graph(
            architecture, input: [1, 3, 32, 32], classes: 10)
        graph.output("logits", try #require(taps.logits))
        var interpreter = Interpreter(graph, states: DeterministicStates.all(of: graph))
        let results = try interpreter.run(["image": DeterministicStates.input([1, 3, 32, 32])])
        let logits = try #require(results["logits"]).values
        #expect(isClose(logits, expected, within: 1e-6), "\(architecture.id): \(logits)")
    }
}
