import Objectives
import Tensors
import Testing

@Suite struct ObjectiveGradientTests {
    @Test(arguments: ObjectiveRegistry.all.map { $0.name })
    func centralDifferencesAgree(name: String) throws {
        let error = try LossProbe.named(name).worstGradientError()
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

    @Test(
        arguments: ObjectiveRegistry.all.map { $0.name }.filter {
            $0 != "label/cross-entropy" && $0 != "response/hard-labels"
                && $0 != "feature/centred-cosine"
        })
    func aPerfectStudentHasNoLoss(name: String) throws {
        var probe = LossProbe.named(name)
        probe.student = probe.teacher
        #expect(abs(try probe.loss()) < 1e-12)
    }
}
