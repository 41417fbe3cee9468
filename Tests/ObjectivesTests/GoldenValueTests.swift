import Objectives
import Tensors
import Testing

/// Values that were run against the methods' reference implementations in float64.
///
/// Those of `feature/centred-cosine`, `relation/cosine-gram`, the gate and the hard labels come from
/// `Tests/Fixtures/networks_reference.py`, those of the other relations from `relations_reference.py` there.
@Suite struct GoldenValueTests {
    @Test(
        arguments: [
            ("label/cross-entropy", [:], 4.19912355),
            ("label/cross-entropy", ["label_smoothing": .number(0.1)], 4.0272312),
            ("response/kullback-leibler", ["temperature": .number(4)], 2.58111726),
            ("response/hard-labels", [:], 1.97365516),
            ("response/logit-standardization", ["temperature": .number(2)], 0.66931744),
            ("response/dist", ["intra": .number(0)], 0.86980370),
            ("response/dist", ["inter": .number(0)], 0.91577865),
            ("feature/attention-transfer", [:], 0.01757324),
            ("relation/cosine-gram", [:], 3.94039107),
            ("relation/similarity-preserving", [:], 0.05941610),
            ("relation/probabilistic-transfer", [:], 0.08167875),
            ("relation/distance", [:], 0.02705408),
            ("relation/angle", [:], 0.05938661),
            ("relation/correlation-congruence", [:], 0.02217986),
            (
                "relation/correlation-congruence", ["gamma": .number(0.7), "order": .number(3)],
                0.02167543
            ),
            ("relation/correlation-congruence", ["form": .text("successive")], 31.36573242),
            ("relation/neighbour-graph", ["neighbours": .number(1)], 3.14832148),
            ("relation/neighbour-graph", [:], 4.51518686),
        ] as [(String, [String: ParameterValue], Double)])
    func published(name: String, parameters: [String: ParameterValue], expected: Double) throws {
        var probe = LossProbe.named(name)
        probe.configuration.parameters = parameters
        let loss = try probe.loss()
        #expect(abs(loss - expected) < 1e-6, "\(name): \(loss)")
    }

    @Test func similarityPreservingOnLogits() throws {
        let probe = LossProbe(
            "relation/similarity-preserving",
            taps: ObjectiveTaps(student: "logits", teacher: "logits"),
            student: ["logits": Golden.studentLogits], teacher: ["logits": Golden.teacherLogits])
        #expect(abs(try probe.loss() - 0.16739188) < 1e-6)
    }

    @Test func centredCosineWithTheIdentityAsProjector() throws {
        var probe = LossProbe.named("feature/centred-cosine")
        probe.parameters = [
            "projector.weight": Tensor(
                shape: [3, 3, 1, 1], values: [1, 0, 0, 0, 1, 0, 0, 0, 1]),
            "projector.bias": Tensor(shape: [3], repeating: 0),
        ]
        #expect(abs(try probe.loss() - 1.13055513) < 1e-6)
    }

    /// A 4x4 map of three channels against a 2x2 map of four.
    static func otherSizes() -> LossProbe {
        var probe = LossProbe(
            "feature/centred-cosine", student: ["features": Golden.studentMap],
            teacher: [
                "features": Golden.wave([2, 4, 2, 2], amplitude: 1, frequency: 0.7, phase: 0.4)
            ])
        probe.statistics = ["features": ([0, 0.1, 0.2, 0.3], [1, 1.2, 1.4, 1.6])]
        probe.parameters = [
            "projector.weight": Golden.wave(
                [4, 3, 1, 1], amplitude: 1, frequency: 1, phase: .pi / 2),
            "projector.bias": Tensor(shape: [4], values: [0, 0.1, 0.2, 0.3]),
        ]
        return probe
    }

    @Test func centredCosinePoolsTheLargerMap() throws {
        #expect(abs(try Self.otherSizes().loss() - 1.42947498) < 1e-6)
    }

    @Test func centredCosineComparesMeansWhereModalitiesAreNotRegistered() throws {
        var probe = Self.otherSizes()
        probe.registered = false
        let map = probe.teacher["features"] ?? Golden.teacherMap
        let pooled = (0..<8).map { row in map.values[(row * 4)..<(row * 4 + 4)].reduce(0, +) / 4 }
        probe.teacher = ["pooled": Tensor(shape: [2, 4], values: pooled)]
        probe.statistics["pooled"] = probe.statistics.removeValue(forKey: "features")
        #expect(abs(try probe.loss() - 1.38591377) < 1e-6)
    }

    @Test func sampleWeightsGiveAWeightedMean() throws {
        var probe = LossProbe.named("response/kullback-leibler")
        probe.sampleWeights = Tensor(shape: [4], repeating: 0.3)
        #expect(abs(try probe.loss() - LossProbe.named("response/kullback-leibler").loss()) < 1e-12)
        probe.sampleWeights = Tensor(shape: [4], values: [1, 0, 0, 0])
        var first = LossProbe.named("response/kullback-leibler")
        first.student["logits"] = Tensor(
            shape: [1, 5], values: Array(Golden.studentLogits.values[..<5]))
        first.teacher["logits"] = Tensor(
            shape: [1, 5], values: Array(Golden.teacherLogits.values[..<5]))
        #expect(abs(try probe.loss() - first.loss()) < 1e-9)
    }
}
