import Execution
import Graphs
import Networks
import Tensors
import Testing

/// Fifty steps of the executor against PyTorch's, with the same weights and the same data.
///
/// Compared with PyTorch's curve of as many threads, at every step.
@Suite(.serialized) struct LossCurveTests {
    @Test(arguments: ["training", "distillation", "default-distillation"], [1, 2])
    func lossesFollowPyTorch(workload: String, threads: Int) throws {
        let reference = try LossCurveReference()
        let losses = try Self.losses(
            workload, reference, PlanOptions(threads: threads, label: workload))
        let expected = try reference.curve(workload, threads: threads)
        let tolerances = try reference.tolerances(workload)
        // The comparison means something only if training gets somewhere.
        #expect(expected[reference.steps - 1] < 0.7 * expected[0])
        let gaps = zip(losses, expected).map { abs($0 - $1) }
        let shares = zip(gaps, tolerances).map { $0 / $1 }
        let worst = try #require(gaps.indices.max { gaps[$0] < gaps[$1] })
        print(
            "\(workload), \(threads) threads against torch \(reference.torch): largest gap "
                + "\(gaps[worst]) at step \(worst), where \(tolerances[worst]) is allowed; largest share "
                + "of the allowed gap \(shares.max() ?? 0)")
        for (step, gap) in gaps.enumerated() {
            #expect(
                gap <= tolerances[step],
                "\(workload), step \(step): \(losses[step]), PyTorch has \(expected[step])")
        }
    }

    /// The losses of all steps.
    private static func losses(
        _ workload: String, _ reference: LossCurveReference, _ options: PlanOptions
    ) throws -> [Double] {
        let training = try LossCurveGraph(workload, reference)
        let data = LossCurveData(reference)
        let store = try StateStore(training.graph, LossCurveData.states(of: training.graph))
        let plan = try CPUExecutor().compile(training.graph, store: store, options: options)
        let inputs = Set(training.graph.inputs.map(\.name))
        return try (0..<reference.steps).map { step in
            for (name, tensor) in data.feeds(step: step) where inputs.contains(name) {
                try plan.feed(name, tensor.map { Float($0) })
            }
            for (name, weight) in training.weights {
                try plan.feed(name, scalar: Float(weight))
            }
            try plan.feed("rate", scalar: Float(training.schedule.rate(step: step)))
            try plan.run()
            return Double(try plan.scalar("loss"))
        }
    }
}
