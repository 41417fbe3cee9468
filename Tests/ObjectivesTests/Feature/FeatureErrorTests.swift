import Graphs
import Objectives
import Tensors
import Testing

@Suite struct FeatureErrorTests {
    private func failure(_ probe: LossProbe) -> ObjectiveError? {
        #expect(throws: ObjectiveError.self) { try probe.loss() }
    }

    private static let features = ObjectiveRegistry.all.map { $0.name }.filter {
        $0.hasPrefix("feature/")
    }
    /// Those that look at each network alone, or at means where they must.
    private static let positionFree = ["feature/solution-flow", "feature/centred-cosine"]

    @Test(arguments: features.filter { !positionFree.contains($0) })
    func positionsOfUnregisteredModalitiesAreNotCompared(name: String) {
        var probe = LossProbe.named(name)
        probe.registered = false
        let error = failure(probe)
        #expect(error?.code == .unregistered)
        #expect(error?.message.contains("feature/centred-cosine") == true)
    }

    @Test(arguments: ["hint", "supervision-transfer", "overhaul", "pearson", "review"])
    func vectorsAreComparedWhateverTheRegistration(method: String) throws {
        var probe = LossProbe(
            "feature/\(method)", taps: ObjectiveTaps(student: "pooled", teacher: "pooled"),
            student: ["pooled": Golden.studentLogits], teacher: ["pooled": Golden.teacherLogits])
        probe.statistics["pooled"] = ([0, 0, 0, 0, 0], [1, 1, 1, 1, 1])
        let loss = try probe.loss()
        probe.registered = false
        #expect(try probe.loss() == loss)
    }

    @Test(
        arguments: [
            "attention-transfer", "neuron-selectivity", "channel-distribution", "factor-transfer",
        ])
    func onePositionHasNoDistribution(method: String) {
        let probe = LossProbe.named("feature/\(method)").mapping { $0.averaged() }
        let error = failure(probe)
        #expect(error?.code == .shape)
        #expect(error?.message.contains("at least 2 positions") == true)
    }

    @Test(
        arguments: [
            "feature/hint", "feature/activation-boundary", "feature/overhaul", "feature/pearson",
            "response/classifier-reuse",
        ])
    func oneValueAChannelIsNotNormalised(name: String) {
        var probe = LossProbe.named(name)
        let one = Golden.wave([1, 3, 1, 1], amplitude: 1, frequency: 1, phase: 0)
        probe.student["features"] = one
        probe.teacher["features"] = one
        let error = failure(probe)
        #expect(error?.code == .shape)
        #expect(error?.message.contains("one value a channel") == true)
    }

    @Test func channelsThatDifferNeedAProjector() {
        var probe = LossProbe.named("feature/hint")
        probe.configuration.parameters = ["projector": .text("identity")]
        probe.teacher["features"] = Golden.wave([2, 4, 4, 4], amplitude: 1, frequency: 1, phase: 0)
        #expect(failure(probe)?.message.contains("3 channels, the teacher's 4") == true)
        probe.configuration.parameters = ["projector": .text("conv")]
        #expect(failure(probe)?.message.contains("one of automatic, identity, linear") == true)
    }

    @Test func batchesAgree() {
        var probe = LossProbe.named("feature/hint")
        probe.teacher["features"] = Golden.wave([3, 3, 4, 4], amplitude: 1, frequency: 1, phase: 0)
        #expect(failure(probe)?.message.contains("batch is 2, the teacher's 3") == true)
    }

    @Test func abbreviationsFindTheirMethod() {
        for (short, name) in [
            ("response/dkd", "response/decoupled"), ("response/simkd", "response/classifier-reuse"),
            ("feature/fitnets", "feature/hint"), ("feature/reviewkd", "feature/review"),
            ("feature/OFD", "feature/overhaul"),
        ] {
            let parts = short.split(separator: "/").map(String.init)
            let error = #expect(throws: ObjectiveError.self) {
                try ObjectiveRegistry.make(
                    ObjectiveConfiguration(knowledge: parts[0], method: parts[1]))
            }
            #expect(error?.message.contains("did you mean \(name)?") == true, "\(short)")
        }
    }

    /// States belong to their objective, and a graph may be bound to another batch.
    @Test(
        arguments: ObjectiveRegistry.all.map { $0.name }.filter {
            $0.hasPrefix("feature/") || $0.hasPrefix("response/")
        })
    func aGraphBoundToAnotherBatchGivesThatBatchsLoss(name: String) throws {
        let small = try LossProbe.named(name).build()
        let large = try LossProbe.named(name).mapping { x in
            var shape = x.shape
            shape[0] += 3
            return Golden.wave(shape, amplitude: 1, frequency: 0.7, phase: Double(x.count))
        }.build()
        let shapes = large.feeds.mapValues(\.shape)
        var bound = LossProbe.Built(
            graph: try small.graph.rebound(inputs: shapes), feeds: large.feeds,
            states: small.states, variables: small.variables)
        bound.feeds = large.feeds
        #expect(try bound.run() == large.run())
    }
}
