import Execution
import Graphs
import Networks
import Tensors
import Testing

/// The executor's training steps in float32 against the interpreter's.
@Suite struct ExecutedTrainingTests {
    /// Three whole steps: forward, backward, clipping, update, statistics, averages.
    @Test func aTrainingStepAgreesWithTheInterpreter() throws {
        let graph = try TrainingStepTests.trainingGraph()
        let store = try StateStore(graph, DeterministicStates.all(of: graph))
        let plan = try CPUExecutor().compile(
            graph, store: store, options: PlanOptions(threads: 2, label: "test"))
        var interpreter = Interpreter(graph, states: DeterministicStates.all(of: graph))
        for step in 0..<3 {
            let feeds = TrainingStepTests.feeds(step: step)
            let exact = try interpreter.run(feeds)
            for (name, tensor) in feeds { try plan.feed(name, tensor.map { Float($0) }) }
            try plan.run()
            for name in ["loss", "gradient.norm"] {
                let expected = exact[name]?.values ?? []
                let found = try plan.read(name).values.map { Double($0) }
                #expect(isClose(found, expected, within: 1e-3), "\(name), step \(step): \(found)")
            }
        }
        for (name, exact) in interpreter.states {
            let found = try store.read(name).values.map { Double($0) }
            #expect(isClose(found, exact.values, within: 2e-3), "\(name)")
        }
    }
}
