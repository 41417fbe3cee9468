import Foundation
import Graphs
import Objectives
import Tensors
import Testing

/// Methods that compare at several depths.
@Suite struct SeveralTapsTests {
    private static func cosine(frequency: Double, phase: Double) -> Tensor<Double> {
        Golden.wave([2, 3, 4, 4], amplitude: 1, frequency: frequency, phase: phase + .pi / 2)
    }

    private static func probe(
        _ name: String, _ taps: String, student: [Tensor<Double>], teacher: [Tensor<Double>],
        _ parameters: [String: ParameterValue] = [:]
    ) -> LossProbe {
        let names = taps.split(separator: ",").map { String($0) }
        return LossProbe(
            name, parameters, taps: ObjectiveTaps(student: taps, teacher: taps),
            student: Dictionary(uniqueKeysWithValues: zip(names, student)),
            teacher: Dictionary(uniqueKeysWithValues: zip(names, teacher)))
    }

    private static let two = (
        student: [Golden.studentMap, cosine(frequency: 0.37, phase: 0.2)],
        teacher: [Golden.teacherMap, cosine(frequency: 0.53, phase: 0.9)]
    )

    @Test func theFlowBetweenTwoLayers() throws {
        let probe = Self.probe(
            "feature/solution-flow", "a,b", student: Self.two.student, teacher: Self.two.teacher)
        #expect(abs(try probe.loss() - 0.15711909) < 1e-6)
        var loose = probe
        loose.registered = false
        #expect(try loose.loss() == probe.loss())
    }

    @Test func theFlowThroughThreeLayersOfOtherWidths() throws {
        let probe = Self.probe(
            "feature/solution-flow", "a,b,c",
            student: [
                Golden.studentMap,
                Golden.wave([2, 2, 4, 4], amplitude: 1, frequency: 0.7, phase: 0.3),
                Golden.wave([2, 3, 2, 2], amplitude: 1, frequency: 0.6, phase: 0.5),
            ],
            teacher: Self.two.teacher + [
                Golden.wave([2, 4, 2, 2], amplitude: 1, frequency: 0.8, phase: 0.1)
            ])
        #expect(abs(try probe.loss() - 0.52011670) < 1e-6)
        #expect(
            try probe.build().graph.states.map(\.declaration.name).sorted() == [
                "1.projector.bias", "1.projector.weight", "2.projector.bias", "2.projector.weight",
            ])
    }

    @Test func deeperBoundariesCountTwice() throws {
        let probe = Self.probe(
            "feature/activation-boundary", "a,b", student: Self.two.student,
            teacher: Self.two.teacher, ["projector": .text("identity")])
        #expect(abs(try probe.loss() - 110.84131025) < 1e-6)
    }

    @Test func pairsOfOtherMethodsAddUp() throws {
        var probe = Self.probe(
            "feature/attention-transfer", "a,b", student: Self.two.student,
            teacher: Self.two.teacher)
        var sum = 0.0
        for index in 0..<2 {
            sum += try Self.probe(
                "feature/attention-transfer", "a", student: [Self.two.student[index]],
                teacher: [Self.two.teacher[index]]
            ).loss()
        }
        #expect(abs(try probe.loss() - sum) < 1e-12)
        probe.configuration.taps = ObjectiveTaps(student: "a , b", teacher: "b,a")
        #expect(abs(try probe.loss() - sum) > 1e-6)
    }

    // MARK: Review

    @Test func oneLevelByItself() throws {
        let parameters: [String: ParameterValue] = ["fusion": .flag(false)]
        let probe = Self.probe(
            "feature/review", "a", student: [Golden.studentMap], teacher: [Golden.teacherMap],
            parameters)
        #expect(abs(try probe.loss() - 0.70370856) < 1e-6)
        let odd = Self.probe(
            "feature/review", "a",
            student: [Golden.wave([2, 3, 7, 7], amplitude: 1, frequency: 0.37, phase: 0.2)],
            teacher: [Golden.wave([2, 3, 7, 7], amplitude: 1, frequency: 0.53, phase: 0.9)],
            parameters)
        #expect(abs(try odd.loss() - 0.56822526) < 1e-6)
    }

    @Test func levelsAreFusedFromTheDeepestUp() throws {
        let probe = Self.probe(
            "feature/review", "a,b,c",
            student: [
                Golden.studentMap,
                Golden.wave([2, 2, 2, 2], amplitude: 1, frequency: 0.7, phase: 0.3),
                Golden.wave([2, 4], amplitude: 1, frequency: 0.9, phase: 0.5),
            ],
            teacher: [
                Golden.teacherMap,
                Golden.wave([2, 4, 2, 2], amplitude: 1, frequency: 0.8, phase: 0.1),
                Golden.wave([2, 5], amplitude: 1, frequency: 1.1, phase: 0.2),
            ], ["channels": .number(3)])
        #expect(abs(try probe.loss() - 3.06692197) < 1e-6)
        #expect(try probe.worstGradientError() < 1e-6)
    }

    // MARK: Naming taps

    private func failure(_ name: String, _ taps: ObjectiveTaps) -> ObjectiveError? {
        var probe = LossProbe.named(name)
        probe.configuration.taps = taps
        return #expect(throws: ObjectiveError.self) { try probe.loss() }
    }

    @Test func eitherSideNamesAsMany() throws {
        let error = failure(
            "feature/review", ObjectiveTaps(student: "layer1,layer2", teacher: "layer3"))
        #expect(error?.code == .parameter)
        #expect(error?.message.contains("names 2 taps") == true)
        #expect(error?.message.contains("\"layer3\" 1") == true)
        #expect(
            failure("feature/review", ObjectiveTaps(student: "layer1,,layer2"))?.code == .parameter)
        #expect(
            failure("feature/solution-flow", ObjectiveTaps(student: "layer1"))?.message.contains(
                "name two or more taps") == true)
    }

    @Test func aSideLeftOpenFollowsTheOther() throws {
        func requirements(_ taps: ObjectiveTaps) throws -> ObjectiveRequirements {
            try ObjectiveRegistry.make(
                ObjectiveConfiguration(knowledge: "feature", method: "review", taps: taps)
            ).requirements(registered: true)
        }
        let own: Set = ["layer1", "layer2", "layer3", "layer4"]
        #expect(try requirements(ObjectiveTaps()).teacher == own)
        let four = try requirements(ObjectiveTaps(teacher: "a, b, c, d"))
        #expect(four.teacher == ["a", "b", "c", "d"])
        #expect(four.student == own)
        let two = try requirements(ObjectiveTaps(student: "layer2, layer3"))
        #expect(two.teacher == ["layer2", "layer3"])
        #expect(two.statistics.isEmpty)
    }

    @Test func aListForAMethodOfOneTapIsExplained() {
        let error = failure("feature/centred-cosine", ObjectiveTaps(student: "features,layer3"))
        #expect(error?.code == .unknownTap)
        #expect(error?.message.contains("one tap a side") == true)
    }
}
