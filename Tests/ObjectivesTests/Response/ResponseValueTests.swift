import Foundation
import Graphs
import Objectives
import Tensors
import Testing

/// The pinned values come from `Tests/Fixtures/features_reference.py`.
@Suite struct ResponseValueTests {
    private func decoupled(_ parameters: [String: ParameterValue] = [:]) -> LossProbe {
        var probe = LossProbe.named("response/decoupled")
        probe.configuration.parameters = parameters
        return probe
    }

    @Test func theTargetAndTheOthersAreWeighedApart() throws {
        var probe = decoupled(["labels": .flag(true)])
        probe.labels = Golden.labels
        #expect(abs(try probe.loss() - 20.96861592) < 1e-6)
        probe.configuration.parameters = ["others": .number(0)]
        #expect(abs(try probe.loss() - 0.69622643) < 1e-6)
        probe.configuration.parameters = ["target": .number(0), "others": .number(1)]
        #expect(abs(try probe.loss() - 2.53404869) < 1e-6)
    }

    @Test func withoutLabelsTheTeachersChoiceIsTheTarget() throws {
        #expect(abs(try decoupled().loss() - 21.12950503) < 1e-6)
        var half = decoupled()
        half.labels = Golden.labels
        half.labels?.values.replaceSubrange(10..<20, with: repeatElement(0, count: 10))
        #expect(abs(try half.loss() - 20.72727986) < 1e-6)
    }

    /// KD = mean [TCKD + (1 - p_t,y) NCKD], sample by sample.
    @Test func theDivergenceIsTheSumOfItsParts() throws {
        for row in 0..<4 {
            let logits = { (x: Tensor<Double>) in
                Tensor<Double>(shape: [1, 5], values: Array(x.values[(row * 5)..<(row * 5 + 5)]))
            }
            func loss(_ name: String, _ parameters: [String: ParameterValue]) throws -> Double {
                var probe = LossProbe.named(name)
                probe.student = ["logits": logits(Golden.studentLogits)]
                probe.teacher = ["logits": logits(Golden.teacherLogits)]
                probe.configuration.parameters = parameters.merging(["temperature": .number(4)]) {
                    $1
                }
                return try probe.loss()
            }
            let p = logits(Golden.teacherLogits).values.map { exp($0 / 4) }
            let rest = 1 - (p.max() ?? 0) / p.reduce(0, +)
            let whole = try loss("response/kullback-leibler", [:])
            let parts = try loss(
                "response/decoupled", ["target": .number(1), "others": .number(rest)])
            #expect(abs(whole - parts) < 1e-12)
        }
    }

    @Test func twoClassesCannotBeDecoupled() throws {
        let probe = decoupled().mapping { Tensor(shape: [10, 2], values: $0.values) }
        let error = #expect(throws: ObjectiveError.self) { try probe.loss() }
        #expect(error?.code == .shape)
        #expect(error?.message.contains("three classes or more, got 2") == true)
    }

    @Test func labelsThatAreAskedForMustBeThere() throws {
        let probe = decoupled(["labels": .flag(true)])
        let error = #expect(throws: ObjectiveError.self) { try probe.loss() }
        #expect(error?.code == .missing)
        let objective = try ObjectiveRegistry.make(probe.configuration)
        #expect(objective.requirements(registered: true).labels)
        let open = try ObjectiveRegistry.make(decoupled().configuration)
        #expect(!open.requirements(registered: true).labels)
    }

    @Test func squaredLogitsAreAMean() throws {
        #expect(
            abs(try LossProbe.named("response/mean-squared-error").loss() - 8.45583791) < 1e-6)
    }

    @Test func doubtfulAnswersGiveNoHardLabels() throws {
        var probe = LossProbe.named("response/hard-labels")
        probe.configuration.parameters = ["confidence": .number(0.6)]
        #expect(abs(try probe.loss() - 0.65157000) < 1e-6)
        #expect(try probe.worstGradientError() < 1e-7)
        probe.configuration.parameters = ["confidence": .number(0.99)]
        #expect(try probe.loss() == 0)
        probe.configuration.parameters = ["confidence": .number(0.6)]
        probe.sampleWeights = Tensor(shape: [4], values: [1, 1, 0.5, 0.5])
        #expect(abs(try probe.loss() - 0.65157000) < 1e-6)
    }

    // MARK: The teacher's classifier

    @Test func theMapBeforeTheClassifierIsLearnt() throws {
        var probe = LossProbe.named("response/classifier-reuse")
        #expect(abs(try probe.loss() - 0.56430607) < 1e-6)
        probe.configuration.parameters = ["projector": .text("identity")]
        #expect(abs(try probe.loss() - 1.03401865) < 1e-6)
    }

    @Test func itsProjectorHasWhatAnExportNeeds() throws {
        let probe = LossProbe.named("response/classifier-reuse")
        let built = try probe.build()
        let objective = try #require(
            try ObjectiveRegistry.make(probe.configuration) as? ClassifierReuse)
        #expect(objective.requirements(registered: true).reusesClassifier)
        #expect(!objective.requirements(registered: true).student.contains("logits"))
        let (_, states) = try built.step()
        let running = try #require(states["projector.0.normalization.running_mean"])
        #expect(running != built.states["projector.0.normalization.running_mean"])
        var inference = Graph()
        let input = try inference.input("features", [1, 3, 4, 4])
        let projected = try objective.projector.apply(
            to: input, width: 3, training: false, in: &inference)
        #expect(inference.shape(of: projected) == [1, 3, 4, 4])
        #expect(
            Set(inference.states.map(\.declaration)) == Set(built.graph.states.map(\.declaration)))
    }

    @Test func ofUnregisteredModalitiesTheMeansAreCompared() throws {
        var probe = LossProbe.named("response/classifier-reuse")
        probe.configuration.parameters = ["projector": .text("identity")]
        probe.registered = false
        let map = Golden.teacherMap
        let means = (0..<6).map { row in map.values[(row * 16)..<(row * 16 + 16)].reduce(0, +) / 16
        }
        probe.teacher = ["pooled": Tensor(shape: [2, 3], values: means)]
        var pooled = LossProbe(
            "feature/supervision-transfer", student: probe.student, teacher: ["features": map])
        pooled.student = pooled.student.mapValues { $0.averaged() }
        pooled.teacher = pooled.teacher.mapValues { $0.averaged() }
        #expect(abs(try probe.loss() - pooled.loss()) < 1e-12)
    }
}

extension Tensor<Double> {
    /// `[batch, channels, height, width]` averaged to `[batch, channels, 1, 1]`.
    func averaged() -> Tensor<Double> {
        let plane = shape[2] * shape[3]
        return Tensor(
            shape: [shape[0], shape[1], 1, 1],
            values: (0..<(shape[0] * shape[1])).map { row in
                values[(row * plane)..<((row + 1) * plane)].reduce(0, +) / Double(plane)
            })
    }
}
