import Execution
import Graphs
import Objectives
import Tensors
import Testing

/// Every objective's loss, gradients and memories in the executor against the interpreter.
@Suite struct ExecutionParityTests {
    @Test(arguments: ObjectiveRegistry.all.map { $0.name }, [Precision.float32, .bfloat16])
    func twoStepsAgreeWithTheInterpreter(name: String, precision: Precision) throws {
        let built = try LossProbe.named(name).build()
        try compare(
            built.graph, feeds: built.feeds, states: built.states, name, precision: precision)
    }

    @Test func balancedWeightsAgreeWithTheInterpreter() throws {
        let set = try ObjectiveSet([
            ObjectiveConfiguration(
                knowledge: "response", method: "kullback-leibler", schedule: .balanced),
            ObjectiveConfiguration(
                knowledge: "relation", method: "cosine-gram", weight: 2, schedule: .balanced),
        ])
        var graph = Graph()
        var feeds = set.weightFeeds.mapValues { Tensor(scalar: $0) }
        var context = ObjectiveContext()
        let student = try graph.input("student", [4, 5])
        feeds["student"] = Golden.studentLogits
        for tap in ["logits", "pooled"] {
            graph.label(student, tap)
            context.teacher[tap] = try graph.input("teacher.\(tap)", [4, 5])
            feeds["teacher.\(tap)"] = Golden.teacherLogits
        }
        let total = try set.add(to: &graph, context: context)
        if let gradient = try graph.gradients(of: total, for: [student])[0] {
            graph.output("gradient", gradient)
        }
        var states: [String: Tensor<Double>] = [:]
        for (declaration, _) in graph.states {
            states[declaration.name] = Tensor(shape: declaration.shape, repeating: 0)
        }
        try compare(graph, feeds: feeds, states: states, "balanced")
    }

    @Test(
        arguments: ["plain", "rectified", "leaky", "clipped", "square", "maximum"], [true, false])
    func normalization(kind: String, convolved: Bool) throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3, 4, 4])
        let weight = try graph.constant(
            Golden.wave([3, 3, 1, 1], amplitude: 1, frequency: 0.9, phase: 0.2))
        let input = convolved ? try graph.convolve(x, weight: weight) : x
        let scale = try graph.input("scale", [3])
        let offset = try graph.input("offset", [3])
        var y = try graph.normalizeBatch(input, scale: scale, offset: offset).y
        switch kind {
        case "rectified": y = try graph.rectify(y)
        case "clipped": y = try graph.clip(y, minimum: 0, maximum: 6)
        case "square": y = try graph.square(y)
        case "leaky": y = try graph.maximum(y, graph.affine(y, scale: 0.01))
        case "maximum": y = try graph.maximum(y, graph.constant(0.3))
        default: break
        }
        let target = try graph.input("t", [2, 3, 4, 4])
        let loss = try graph.reduce(.mean, graph.square(graph.subtract(y, target)))
        graph.output("loss", loss)
        for (name, g) in zip(
            ["x", "scale", "offset"], try graph.gradients(of: loss, for: [x, scale, offset]))
        {
            if let g { graph.output("gradient.\(name)", g) }
        }
        try compare(
            graph,
            feeds: [
                "x": Golden.studentMap, "t": Golden.teacherMap,
                "scale": Tensor(shape: [3], values: [1, 0.7, -0.5]),
                "offset": Tensor(shape: [3], values: [0.1, 0.2, -0.3]),
            ], states: [:], "\(kind) \(convolved)")
    }

    private func compare(
        _ graph: Graph, feeds: [String: Tensor<Double>], states: [String: Tensor<Double>],
        _ name: String, precision: Precision = .float32
    ) throws {
        // Losses stay float32; what convolutions of a projector round shows in their gradients, and in place of
        // those that are exactly 0.
        let tolerance = precision == .float32 ? 2e-3 : 8e-2
        let least = precision == .float32 ? 1e-3 : 0.04
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 0)
        for (state, value) in states { try store.write(state, value.map { Float($0) }) }
        let plan = try CPUExecutor().compile(
            graph, store: store,
            options: PlanOptions(threads: 1, label: "objective", precision: precision))
        for (input, value) in feeds { try plan.feed(input, value.map { Float($0) }) }
        var interpreter = Interpreter(graph, states: states)
        for step in 0..<2 {
            let exact = try interpreter.run(feeds)
            try plan.run()
            for (output, expected) in exact {
                let found = try plan.read(output).map { Double($0) }
                let error = distance(found, expected, least: least)
                #expect(error < tolerance, "\(name), step \(step), \(output): \(error)")
            }
        }
        for (state, expected) in interpreter.states {
            let error = distance(
                try store.read(state).map { Double($0) }, expected, least: least)
            #expect(error < tolerance, "\(name), state \(state): \(error)")
        }
    }

    /// The greatest difference in units of the greatest element, or of the least that counts.
    private func distance(
        _ a: Tensor<Double>, _ b: Tensor<Double>, least: Double
    ) -> Double {
        let scale = b.values.reduce(least) { max($0, abs($1)) }
        return zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
    }
}
