import Objectives
import Tensors
import Testing

@Suite struct ObjectiveErrorTests {
    private func failure(_ probe: LossProbe) -> ObjectiveError? {
        #expect(throws: ObjectiveError.self) { try probe.loss() }
    }

    @Test func unknownMethodsAndParametersNameTheNearest() {
        let method = #expect(throws: ObjectiveError.self) {
            try ObjectiveRegistry.make(
                ObjectiveConfiguration(knowledge: "response", method: "kullback-leiber"))
        }
        #expect(method?.code == .unknownMethod)
        #expect(method?.message.contains("did you mean response/kullback-leibler?") == true)
        var probe = LossProbe.named("response/kullback-leibler")
        probe.configuration.parameters = ["temprature": .number(2)]
        let key = failure(probe)
        #expect(key?.code == .unknownParameter)
        #expect(
            key?.description == "response/kullback-leibler: unknown parameter `temprature`; "
                + "did you mean `temperature`?")
    }

    @Test(arguments: [ParameterValue.number(0), .number(-1), .text("warm"), .flag(true)])
    func parametersAreCheckedByTypeAndRange(value: ParameterValue) {
        var probe = LossProbe.named("response/kullback-leibler")
        probe.configuration.parameters = ["temperature": value]
        let error = failure(probe)
        #expect(error?.code == .parameter)
        #expect(error?.message.contains("expected a number above 0") == true)
    }

    @Test func missingTensorsAreNamed() {
        var noTeacher = LossProbe.named("response/kullback-leibler")
        noTeacher.teacher = ["pooled": Golden.teacherLogits]
        #expect(failure(noTeacher)?.message.contains("needs the teacher's `logits`") == true)
        #expect(failure(noTeacher)?.message.contains("given are pooled") == true)
        var noLabels = LossProbe.named("label/cross-entropy")
        noLabels.labels = nil
        #expect(failure(noLabels)?.code == .missing)
        var noStatistics = LossProbe.named("feature/centred-cosine")
        noStatistics.statistics = [:]
        #expect(failure(noStatistics)?.message.contains("mean and standard deviation") == true)
        var wrongTap = LossProbe.named("feature/centred-cosine")
        wrongTap.configuration.taps = ObjectiveTaps(student: "feature")
        #expect(failure(wrongTap)?.code == .unknownTap)
        #expect(failure(wrongTap)?.message.contains("did you mean features") == true)
    }

    @Test func shapesThatDoNotFitAreExplained() {
        var classes = LossProbe.named("response/kullback-leibler")
        classes.teacher["logits"] = Golden.wave([4, 7], amplitude: 1, frequency: 1, phase: 0)
        #expect(failure(classes)?.message.contains("5 classes") == true)
        #expect(failure(classes)?.message.contains("7 for 4") == true)
        var maps = LossProbe.named("feature/attention-transfer")
        maps.teacher["features"] = Golden.wave([2, 3], amplitude: 1, frequency: 1, phase: 0)
        #expect(failure(maps)?.message.contains("at least 2 positions") == true)
        var unregistered = LossProbe.named("feature/attention-transfer")
        unregistered.registered = false
        #expect(failure(unregistered)?.code == .unregistered)
        var batch = LossProbe.named("relation/cosine-gram")
        batch.teacher["pooled"] = Golden.wave([3, 5], amplitude: 1, frequency: 1, phase: 0)
        #expect(failure(batch)?.message.contains("batch is 4") == true)
    }
}
