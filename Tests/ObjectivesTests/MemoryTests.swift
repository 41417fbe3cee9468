import Graphs
import Objectives
import Tensors
import Testing

/// Objectives that keep a memory; the pinned values come from `Tests/Fixtures/relations_reference.py`.
@Suite struct MemoryTests {
    // MARK: The queue

    private func queue(_ length: Int) -> LossProbe {
        var probe = LossProbe.named("relation/queue")
        probe.configuration.parameters["queue"] = .number(Double(length))
        probe.parameters["queue"] = Tensor(shape: [length, 5], repeating: 0)
        return probe
    }

    @Test(arguments: [4, 6, 20])
    func placesThatNobodyTookDoNotCount(length: Int) throws {
        #expect(abs(try queue(length).loss() - 10.36923158) < 1e-6)
    }

    @Test func theOldestLeaveTheQueueFirst() throws {
        let built = try LossProbe.named("relation/queue").build()
        let (results, states) = try built.step()
        #expect(abs((results["loss"]?.values[0] ?? .nan) - 10.26393640) < 1e-6)
        let before = try #require(built.states["queue"]).values
        let after = try #require(states["queue"]).values
        #expect(Array(after[20...]) == Array(before[..<10]))
        for row in 0..<4 {
            let length = after[(row * 5)..<(row * 5 + 5)].reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-12)
        }
    }

    @Test func aQueueIsNoLongerThanHalfTheSamples() throws {
        var probe = LossProbe.named("relation/queue")
        probe.memory = ([0, 1, 2, 3], [0], 10)
        #expect(try probe.build().graph.states.map(\.declaration.shape) == [[5, 5]])
        #expect(try probe.build().graph.states.map(\.declaration.role) == [.memory])
    }

    @Test(arguments: ["relation/queue", "relation/correlation-congruence"])
    func aStudentOfAnotherWidthGetsAProjector(name: String) throws {
        var probe = LossProbe.named(name)
        if name.hasSuffix("congruence") {
            probe.configuration.parameters = ["form": .text("successive")]
        }
        probe.student["pooled"] = Golden.wave([4, 3], amplitude: 1, frequency: 0.5, phase: 0.1)
        let graph = try probe.build().graph
        let trained = graph.states.map(\.declaration).filter { $0.role == .parameter }
        #expect(trained.map(\.name) == ["projector.weight", "projector.bias"])
        #expect(trained.map(\.shape) == [[5, 3], [5]])
        #expect(try probe.worstGradientError() < 1e-6)
    }

    /// Logits may be infinite, and relations may compare logits.
    @Test(
        arguments: ObjectiveRegistry.all.map { $0.name }.filter { $0.hasPrefix("relation/") },
        [Double.infinity, -.infinity])
    func infiniteEmbeddingsGiveFiniteLosses(name: String, value: Double) throws {
        for side in [\LossProbe.student, \LossProbe.teacher] {
            var probe = LossProbe.named(name)
            probe[keyPath: side] = probe[keyPath: side].mapValues { x in
                var x = x
                x.values[1] = value
                return x
            }
            for (output, result) in try probe.build().run() {
                #expect(result.values.allSatisfy { $0.isFinite }, "\(output)")
            }
        }
    }

    // MARK: Contrast

    private func firstStep() -> LossProbe {
        var probe = LossProbe.named("relation/contrastive")
        for side in ["student", "teacher"] {
            probe.parameters["normalizer.\(side)"] = Tensor(scalar: -1e30)
        }
        return probe
    }

    @Test func theFirstStepSetsTheNormalizersAndMovesTheMemories() throws {
        let built = try firstStep().build()
        let (results, states) = try built.step()
        #expect(abs((results["loss"]?.values[0] ?? .nan) - 27.30888346) < 1e-6)
        #expect(abs((states["normalizer.student"]?.values[0] ?? .nan) - 17.31478596) < 1e-6)
        #expect(abs((states["normalizer.teacher"]?.values[0] ?? .nan) - 11.24000675) < 1e-6)
        let memory = try #require(states["memory.student"]).values
        for (found, expected) in zip(memory[18..<21], [0.12347742, 0.90820778, -0.39988992]) {
            #expect(abs(found - expected) < 1e-6)
        }
        // The rows of samples that are not in the batch stay.
        let before = try #require(built.states["memory.student"]).values
        #expect(Array(memory[6..<9]) == Array(before[6..<9]))
    }

    @Test func laterStepsKeepTheNormalizers() throws {
        let (results, states) = try LossProbe.named("relation/contrastive").build().step()
        #expect(abs((results["loss"]?.values[0] ?? .nan) - 52.96378044) < 1e-6)
        let built = try LossProbe.named("relation/contrastive").build()
        for side in ["normalizer.student", "normalizer.teacher"] {
            #expect(states[side] == built.states[side])
        }
    }

    @Test func contrastHasAGradientAtTheFirstStepToo() throws {
        // Finite differences would move Z, through which no gradient flows: only finiteness is asked here.
        for value in try firstStep().build().run().values {
            #expect(value.values.allSatisfy { $0.isFinite })
        }
    }

    @Test func memoriesBeginAsDirections() throws {
        let states = try firstStep().build().graph.states.map(\.declaration)
        let memories = states.filter { $0.name.hasPrefix("memory.") }
        #expect(memories.map(\.shape) == [[8, 3], [8, 3]])
        #expect(memories.allSatisfy { $0.role == .memory })
        let deviation = Float(1 / 3.0.squareRoot())
        #expect(memories.allSatisfy { $0.initializer == .normal(standardDeviation: deviation) })
    }

    @Test func withoutIndicesThereIsNoMemory() throws {
        var probe = LossProbe.named("relation/contrastive")
        probe.memory = nil
        let error = #expect(throws: ObjectiveError.self) { try probe.loss() }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("sample.index") == true)
    }

    @Test func inputsAreDeclaredForMemories() throws {
        let objective = try ObjectiveRegistry.make(
            ObjectiveConfiguration(
                knowledge: "relation", method: "contrastive",
                parameters: ["negatives": .number(64)]))
        let requirements = objective.requirements(registered: true)
        #expect(requirements.sampleIndices && requirements.negatives == 64)
        for (samples, expected) in [(1000, 64), (20, 20)] {
            var graph = Graph()
            let context = try ObjectiveContext.declaringInputs(
                for: requirements, shapes: ["pooled": [4, 5]], samples: samples, in: &graph)
            #expect(context.sampleCount == samples)
            #expect(context.sampleIndices.map { graph.shape(of: $0) } == [4])
            #expect(context.negatives.map { graph.shape(of: $0) } == [expected])
        }
    }

    @Test func drawsAreUniformAndRepeatByStep() {
        let draws = NegativeSampling.draw(10_000, among: 10, seed: 3, step: 7)
        #expect(draws == NegativeSampling.draw(10_000, among: 10, seed: 3, step: 7))
        #expect(draws != NegativeSampling.draw(10_000, among: 10, seed: 3, step: 8))
        for sample in 0..<10 {
            let count = draws.count { $0 == Float(sample) }
            #expect((850...1150).contains(count), "seed 3, sample \(sample): \(count)")
        }
    }
}
