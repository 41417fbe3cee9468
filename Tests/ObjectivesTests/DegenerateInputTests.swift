import Graphs
import Objectives
import Tensors
import Testing

@Suite struct DegenerateInputTests {
    enum Case: String, CaseIterable, Sendable {
        case zeros, constants, hugeValues, equalSamples, tinyValues

        func apply(_ x: Tensor<Double>) -> Tensor<Double> {
            switch self {
            case .zeros: x.map { _ in 0 }
            case .constants: x.map { _ in 1.5 }
            case .hugeValues: x.map { $0 * 1e4 }
            case .tinyValues: x.map { $0 * 1e-9 }
            case .equalSamples:
                Tensor(
                    shape: x.shape,
                    values: x.values.indices.map { x.values[$0 % (x.count / x.shape[0])] })
            }
        }
    }

    @Test(arguments: ObjectiveRegistry.all.map { $0.name }, Case.allCases)
    func lossAndGradientStayFinite(name: String, degenerate: Case) throws {
        let results = try LossProbe.named(name).mapping(degenerate.apply).build().run()
        for (output, value) in results {
            #expect(value.values.allSatisfy { $0.isFinite }, "\(name), \(degenerate): \(output)")
        }
    }

    @Test(
        arguments: ObjectiveRegistry.all.map { $0.name }.filter {
            ($0.hasPrefix("response/") || $0.hasPrefix("label/"))
                && $0 != "response/decoupled" && $0 != "response/classifier-reuse"
        })
    func twoClassesAreEnough(name: String) throws {
        var probe = LossProbe.named(name).mapping {
            Tensor(shape: [10, 2], values: $0.values)
        }
        if probe.labels != nil {
            probe.labels = Golden.oneHot([0, 1, 1, 0, 1, 0, 0, 1, 1, 1], classes: 2)
        }
        let loss = try probe.loss()
        #expect(loss.isFinite && loss >= 0)
        #expect(try probe.worstGradientError() < 1e-6)
    }

    @Test(arguments: ObjectiveRegistry.all.map { $0.name })
    func aBatchOfOneIsFiniteOrRefused(name: String) throws {
        var probe = LossProbe.named(name).mapping { x in
            let size = x.count / x.shape[0]
            return Tensor(
                shape: Shape([1] + x.shape.dimensions.dropFirst()), values: Array(x.values[..<size])
            )
        }
        if probe.labels != nil { probe.labels = Golden.oneHot([3], classes: 5) }
        // What compares with a memory needs no second sample.
        let remembers = ["relation/contrastive", "relation/queue"].contains(name)
        if name.hasPrefix("relation/") && !remembers || name == "response/dist" {
            let error = #expect(throws: ObjectiveError.self) { try probe.loss() }
            #expect(error?.code == .shape)
            #expect(error?.message.contains("at least two samples") == true)
        } else {
            for (_, value) in try probe.build().run() {
                #expect(value.values.allSatisfy { $0.isFinite })
            }
        }
    }

    @Test func unlabelledSamplesDoNotCount() throws {
        var probe = LossProbe.named("label/cross-entropy")
        probe.configuration.parameters = ["label_smoothing": .number(0.1)]
        probe.labels?.values.replaceSubrange(5..<20, with: repeatElement(0, count: 15))
        var alone = LossProbe.named("label/cross-entropy")
        alone.configuration.parameters = probe.configuration.parameters
        alone.student["logits"] = Tensor(
            shape: [1, 5], values: Array(Golden.studentLogits.values[..<5]))
        alone.labels = Golden.oneHot([0], classes: 5)
        #expect(abs(try probe.loss() - alone.loss()) < 1e-12)
        probe.labels = Tensor(shape: [4, 5], repeating: 0)
        #expect(try probe.loss() == 0)
    }

    @Test(
        arguments: [
            "relation/cosine-gram", "relation/distance", "relation/angle", "relation/queue",
            "relation/correlation-congruence",
        ])
    func aGraphBoundToAnotherBatchGivesThatBatchsLoss(name: String) throws {
        let small = try LossProbe.named(name).build()
        var large = LossProbe.named(name)
        large.student["pooled"] = Golden.wave([7, 5], amplitude: 1, frequency: 0.5, phase: 0)
        large.teacher["pooled"] = Golden.wave([7, 5], amplitude: 1, frequency: 0.8, phase: 0)
        let expected = try large.build().run()
        var interpreter = Interpreter(
            try small.graph.rebound(inputs: ["student.pooled": [7, 5], "teacher.pooled": [7, 5]]),
            states: small.states)
        let results = try interpreter.run(try large.build().feeds)
        #expect(results == expected)
    }
}
