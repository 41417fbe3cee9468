import Graphs
import Objectives
import Tensors
import Testing

@Suite struct ObjectiveSetTests {
    private func run(
        _ set: ObjectiveSet, teacherLogits: Bool = true
    ) throws -> (results: [String: Tensor<Double>], graph: Graph) {
        var graph = Graph()
        var feeds = set.weightFeeds.mapValues { Tensor(scalar: $0) }
        var values = [
            "teacher.pooled": Golden.teacherLogits, "student.pooled": Golden.studentLogits,
            "student.logits": Golden.studentLogits,
        ]
        if teacherLogits { values["teacher.logits"] = Golden.teacherLogits }
        var context = ObjectiveContext(studentScope: "student")
        for (name, value) in values {
            let node = try graph.input(name, value.shape)
            feeds[name] = value
            if name.hasPrefix("teacher.") {
                context.teacher[String(name.dropFirst(8))] = node
            } else {
                graph.label(node, name)
            }
        }
        let total = try set.add(to: &graph, context: context)
        #expect(graph.shape(of: total) == .scalar)
        var interpreter = Interpreter(graph)
        return (try interpreter.run(feeds), graph)
    }

    @Test func lossesAddUpUnderTheirWeights() throws {
        let set = try ObjectiveSet([
            ObjectiveConfiguration(
                knowledge: "response", method: "kullback-leibler", weight: 0.5,
                parameters: ["temperature": .number(4)]),
            ObjectiveConfiguration(knowledge: "relation", method: "cosine-gram", weight: 2),
        ])
        #expect(set.outputNames == ["loss.0.kullback-leibler", "loss.1.cosine-gram"])
        #expect(set.weightFeeds == ["loss.0.weight": 0.5, "loss.1.weight": 2])
        let results = try run(set).results
        let parts = set.outputNames.compactMap { results[$0]?.values[0] }
        #expect(abs(parts[0] - 2.58111726) < 1e-6)
        #expect(abs(parts[1] - 3.94039107) < 1e-6)
        let total = try #require(results[ObjectiveSet.totalOutput]?.values[0])
        #expect(abs(total - (0.5 * parts[0] + 2 * parts[1])) < 1e-12)
    }

    @Test func theGateWeighsResponsesByTheTeachersConfidence() throws {
        let configuration = ObjectiveConfiguration(
            knowledge: "response", method: "kullback-leibler",
            parameters: ["temperature": .number(4)])
        let set = try ObjectiveSet([configuration], gate: ConfidenceGate(floor: 0.7))
        let gated = try #require(try run(set).results[set.outputNames[0]]?.values[0])
        #expect(abs(gated - 2.44754573) < 1e-6)
        let open = try ObjectiveSet([configuration], gate: ConfidenceGate(floor: 1))
        let all = try #require(try run(open).results[open.outputNames[0]]?.values[0])
        #expect(abs(all - 2.58111726) < 1e-6)
        #expect(throws: ObjectiveError.self) { try ConfidenceGate(floor: 0) }
    }

    @Test func relationsAloneNeedNoLogits() throws {
        let set = try ObjectiveSet(
            [ObjectiveConfiguration(knowledge: "relation", method: "distance")],
            gate: ConfidenceGate())
        #expect(set.requirements(registered: true).teacher == ["pooled"])
        _ = try run(set, teacherLogits: false)
    }

    @Test func requirementsTellWhatToStore() throws {
        let set = try ObjectiveSet(ObjectiveConfiguration.distillation, gate: ConfidenceGate())
        let registered = set.requirements(registered: true)
        #expect(registered.teacher == ["logits", "features", "pooled"])
        #expect(registered.student == ["logits", "features", "pooled"])
        #expect(registered.statistics == ["features"])
        #expect(!registered.labels)
        let loose = set.requirements(registered: false)
        #expect(loose.teacher == ["logits", "pooled"])
        #expect(loose.statistics == ["pooled"])
        #expect(
            try ObjectiveSet(ObjectiveConfiguration.training).requirements(registered: true).labels)
        // A relation that is a mean over samples is gated as well.
        let relation = try ObjectiveSet(
            [ObjectiveConfiguration(knowledge: "relation", method: "cosine-gram")],
            gate: ConfidenceGate())
        #expect(relation.requirements(registered: true).teacher == ["logits", "pooled"])
        let headless = try ObjectiveSet(
            [ObjectiveConfiguration(knowledge: "feature", method: "centred-cosine")],
            gate: ConfidenceGate())
        #expect(
            headless.requirements(registered: true, teacherHasLogits: false).teacher == ["features"]
        )
    }

    @Test func statesAndInputsHaveTheirNames() throws {
        let set = try ObjectiveSet(ObjectiveConfiguration.distillation, gate: ConfidenceGate())
        var graph = Graph()
        var context = try ObjectiveContext.declaringInputs(
            for: set.requirements(registered: true),
            shapes: ["logits": [2, 5], "features": [2, 8, 4, 4], "pooled": [2, 8]], in: &graph)
        context.studentScope = ""
        for (tap, shape) in ["logits": [2, 5], "features": [2, 3, 4, 4], "pooled": [2, 3]]
            as [String: Shape]
        {
            graph.label(try graph.input("student.\(tap)", shape), tap)
        }
        _ = try set.add(to: &graph, context: context)
        #expect(
            graph.states.map(\.declaration.name).sorted()
                == ["objective.1.projector.bias", "objective.1.projector.weight"])
        #expect(graph.states.map(\.declaration.decays) == [true, false])
        #expect(
            Set(graph.inputs.map(\.name)).isSuperset(of: [
                "teacher.logits", "teacher.features", "teacher.features.mean",
                "teacher.features.std", "teacher.pooled", "loss.2.weight",
            ]))
        #expect(graph.shape(of: try graph.value(named: "objective.1.projected")) == [2, 8, 4, 4])
    }

    @Test func weightsAreNotNegative() {
        #expect(throws: ObjectiveError.self) {
            try ObjectiveSet([
                ObjectiveConfiguration(knowledge: "response", method: "dist", weight: -1)
            ])
        }
        #expect(throws: ObjectiveError.self) {
            var graph = Graph()
            _ = try ObjectiveSet([]).add(to: &graph, context: ObjectiveContext())
        }
    }

    @Test func noGradientFlowsIntoALiveTeacher() throws {
        var graph = Graph()
        let teacher = try graph.state(
            "teacher.head", [4, 5], role: .parameter, initializer: .constant(0))
        let student = try graph.state(
            "head", [4, 5], role: .parameter, initializer: .constant(0))
        graph.label(student, "logits")
        let set = try ObjectiveSet([
            ObjectiveConfiguration(knowledge: "response", method: "kullback-leibler")
        ])
        let loss = try set.add(
            to: &graph, context: ObjectiveContext(teacher: ["logits": teacher]))
        let gradients = try graph.gradients(of: loss, for: [teacher, student])
        #expect(gradients[0] == nil)
        #expect(gradients[1] != nil)
    }
}
