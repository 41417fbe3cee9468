import Graphs
import Objectives
import Tensors
import Testing

@Suite struct ObjectiveGradientTests {
    @Test(arguments: ObjectiveRegistry.all.map { $0.name })
    func centralDifferencesAgree(name: String) throws {
        // The paraphraser is held back from the loss that the student sees, see `FeatureValueTests`.
        let held = name == "feature/factor-transfer" ? "paraphraser" : nil
        let error = try LossProbe.named(name).worstGradientError(holding: held)
        #expect(error < 1e-7, "\(name): \(error)")
    }

    @Test func centralDifferencesAgreeWithWeightsAndPooling() throws {
        var gated = LossProbe.named("response/kullback-leibler")
        gated.sampleWeights = Tensor(shape: [4], values: [0.2, 1, 0.5, 0.7])
        #expect(try gated.worstGradientError() < 1e-7)
        #expect(try GoldenValueTests.otherSizes().worstGradientError() < 1e-7)
    }

    @Test(arguments: ["relation/cosine-gram", "relation/probabilistic-transfer"])
    func theLengthOfAnEmbeddingDoesNotMatter(name: String) throws {
        let loss = try LossProbe.named(name).loss()
        var scaled = LossProbe.named(name)
        scaled.student = scaled.student.mapValues { $0.map { $0 * 7 } }
        #expect(abs(try scaled.loss() - loss) < 1e-9)
    }

    /// Methods whose least loss is not zero, or that bring their own projector.
    static let neverZero: Set<String> = [
        "label/cross-entropy", "response/hard-labels", "feature/centred-cosine",
        "relation/contrastive",
    ]

    @Test(
        arguments: ObjectiveRegistry.all.map { $0.name }.filter {
            !neverZero.contains($0) && comparesDirectly($0)
        })
    func aPerfectStudentHasNoLoss(name: String) throws {
        var probe = LossProbe.named(name)
        probe.student = probe.teacher
        #expect(abs(try probe.loss()) < 1e-12)
    }

    /// Whether nothing trained lies between student and teacher when both are alike.
    private static func comparesDirectly(_ name: String) -> Bool {
        var probe = LossProbe.named(name)
        probe.student = probe.teacher
        let states = (try? probe.build().graph.states) ?? []
        return !states.contains { $0.declaration.role == .parameter }
    }
}
