import Graphs
import Objectives
import Tensors
import Testing

/// Weights over the steps; the pinned values come from `Tests/Fixtures/relations_reference.py`.
@Suite struct WeightTests {
    private func configuration(
        _ name: String, weight: Double = 1, _ schedule: WeightSchedule
    ) -> ObjectiveConfiguration {
        let parts = name.split(separator: "/").map(String.init)
        return ObjectiveConfiguration(
            knowledge: parts[0], method: parts[1], weight: weight, schedule: schedule,
            taps: ObjectiveTaps(student: "logits", teacher: "logits"))
    }

    @Test func rampsRiseFromEpochToEpoch() throws {
        let set = try ObjectiveSet([
            configuration("response/kullback-leibler", weight: 2, .ramp(epochs: 4)),
            configuration("relation/similarity-preserving", weight: 3, .constant),
        ])
        let found = [0, 9, 10, 25, 30, 39, 1000].map { step in
            set.weightFeeds(step: step, stepsPerEpoch: 10)["loss.0.weight"]
        }
        #expect(found == [0.5, 0.5, 1, 1.5, 2, 2, 2])
        #expect(set.weightFeeds(step: 0, stepsPerEpoch: 10)["loss.1.weight"] == 3)
        #expect(set.weightFeeds == ["loss.0.weight": 2, "loss.1.weight": 3])
        #expect(throws: ObjectiveError.self) {
            try ObjectiveSet([configuration("response/dist", .ramp(epochs: 0))])
        }
    }

    // MARK: Balance

    private struct Run {
        var graph = Graph()
        var feeds: [String: Tensor<Double>]
        var states: [String: Tensor<Double>] = [:]

        mutating func step() throws -> [String: Tensor<Double>] {
            var interpreter = Interpreter(graph, states: states)
            defer { states = interpreter.states }
            return try interpreter.run(feeds)
        }
    }

    private func run(_ set: ObjectiveSet, teacherScale: Double = 1) throws -> Run {
        var run = Run(feeds: set.weightFeeds.mapValues { Tensor(scalar: $0) })
        run.feeds["student"] = Golden.studentLogits
        run.feeds["teacher"] = Golden.teacherLogits.map { $0 * teacherScale }
        let student = try run.graph.input("student", [4, 5])
        run.graph.label(student, "logits")
        let teacher = try run.graph.input("teacher", [4, 5])
        let total = try set.add(
            to: &run.graph, context: ObjectiveContext(teacher: ["logits": teacher]))
        let gradient = try run.graph.gradients(of: total, for: [student])[0]
        run.graph.output("gradient", try #require(gradient))
        for (declaration, _) in run.graph.states {
            run.states[declaration.name] = Tensor(shape: declaration.shape, repeating: 0)
        }
        return run
    }

    private func balanced(_ second: Double = 1) throws -> ObjectiveSet {
        try ObjectiveSet([
            configuration("response/kullback-leibler", .balanced),
            configuration("relation/similarity-preserving", weight: second, .balanced),
        ])
    }

    @Test func balancedWeightsGiveEqualGradients() throws {
        let set = try balanced()
        #expect(set.balancedWeightOutputs.map(\.name) == ["loss.0.weight", "loss.1.weight"])
        var run = try run(set)
        #expect(
            run.graph.states.map(\.declaration.name)
                == ["objective.0.balance.norm", "objective.1.balance.norm"])
        #expect(run.graph.states.allSatisfy { $0.declaration.role == .memory })
        let results = try run.step()
        let weights = ["loss.0.weight", "loss.1.weight"].map { results[$0]?.values[0] ?? .nan }
        #expect(abs(weights[0] - 0.57229423) < 1e-6)
        #expect(abs(weights[1] - 3.95809067) < 1e-6)
        let norms = try [0, 1].map { index in
            try #require(run.states["objective.\(index).balance.norm"]).values[0]
        }
        #expect(abs(norms[0] - 0.43660818) < 1e-7 && abs(norms[1] - 0.06312850) < 1e-7)
        let parts = set.outputNames.map { results[$0]?.values[0] ?? .nan }
        let total = try #require(results[ObjectiveSet.totalOutput]).values[0]
        #expect(abs(total - (weights[0] * parts[0] + weights[1] * parts[1])) < 1e-12)
    }

    /// The total's gradient is the weighted sum: none flows through the weights.
    @Test func theGradientTreatsBalancedWeightsAsNumbers() throws {
        var balancedRun = try run(balanced(2))
        let results = try balancedRun.step()
        let weights = ["loss.0.weight", "loss.1.weight"].map { results[$0]?.values[0] ?? .nan }
        #expect(abs(weights[1] - 2 * 3.95809067) < 1e-6)
        let plain = try ObjectiveSet([
            configuration("response/kullback-leibler", weight: weights[0], .constant),
            configuration("relation/similarity-preserving", weight: weights[1], .constant),
        ])
        var plainRun = try run(plain)
        let expected = try #require(try plainRun.step()["gradient"]).values
        let found = try #require(results["gradient"]).values
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
    }

    @Test func normsAreAveragedOverTheSteps() throws {
        var run = try run(balanced())
        _ = try run.step()
        let first = try #require(run.states["objective.0.balance.norm"]).values[0]
        run.feeds["teacher"] = Golden.studentLogits
        _ = try run.step()
        // A perfect student has no gradient: the average falls by its decay and the weight stays finite.
        let second = try #require(run.states["objective.0.balance.norm"]).values[0]
        #expect(abs(second - 0.95 * first) < 1e-9)
        for _ in 0..<400 { _ = try run.step() }
        for value in try run.step().values {
            #expect(value.values.allSatisfy { $0.isFinite })
        }
    }

    @Test func oneBalancedObjectiveHasItsOwnWeight() throws {
        var alone = try run(
            ObjectiveSet([
                configuration("response/kullback-leibler", weight: 3, .balanced),
                configuration("relation/similarity-preserving", .constant),
            ]))
        #expect(abs((try alone.step()["loss.0.weight"]?.values[0] ?? .nan) - 3) < 1e-12)
    }

    // MARK: The gate

    @Test(
        arguments: [
            ("relation/cosine-gram", 4.08821567), ("relation/similarity-preserving", 0.16994944),
            ("relation/probabilistic-transfer", 0.08230629), ("relation/queue", 9.73830115),
        ])
    func theGateWeighsRelationsOfSamples(name: String, expected: Double) throws {
        var probe = LossProbe.named(name)
        probe.configuration.taps = ObjectiveTaps(student: "pooled", teacher: "pooled")
        probe.student = ["pooled": Golden.studentLogits]
        probe.teacher = ["pooled": Golden.teacherLogits]
        if name.hasSuffix("queue") {
            probe.configuration.parameters["queue"] = .number(4)
        }
        let weights = Golden.teacherLogits.values.chunked(by: 5).map { row in
            let largest = row.max() ?? 0
            return max(0.7, 1 / row.reduce(0) { $0 + Unary.Function.exp($1 - largest) })
        }
        probe.sampleWeights = Tensor(shape: [4], values: weights)
        #expect(abs(try probe.loss() - expected) < 1e-6)
        #expect(try probe.worstGradientError() < 1e-6)
    }

    @Test(arguments: ObjectiveRegistry.all.filter { $0.weighsSamples }.map { $0.name })
    func sampleWeightsChangeTheLossUnlessAllAreAlike(name: String) throws {
        let plain = try LossProbe.named(name).loss()
        var even = LossProbe.named(name)
        let batch = even.student.values.first?.shape[0] ?? 0
        even.sampleWeights = Tensor(shape: [batch], repeating: 0.3)
        #expect(abs(try even.loss() - plain) < 1e-9)
        var uneven = even
        uneven.sampleWeights?.values[0] = 1
        #expect(abs(try uneven.loss() - plain) > 1e-9, "\(name)")
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
