import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Network {
        private func feeds(_ oracle: inout Oracle, _ graph: Graph) -> [String: Tensor<Float>] {
            var feeds = oracle.feeds(graph)
            feeds["rate"] = Tensor(scalar: 0.05)
            return feeds
        }

        @Test(arguments: [true, false], [1, 2])
        func trainsAsTheInterpreterDoes(fuses: Bool, threads: Int) throws {
            var oracle = Oracle(seed: 51)
            let graph = try ResidualNet().trainingGraph(outputsGradients: true)
            let store = StateStore()
            let options = PlanOptions(threads: threads, fuses: fuses)
            for _ in 0..<3 {
                let feeds = feeds(&oracle, graph)
                try oracle.check(
                    graph, feeds: feeds, store: store, options: options, tolerance: 1e-4)
            }
        }

        @Test func fusesWhatFollowsNormalisation() throws {
            let graph = try ResidualNet().trainingGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            let report = try CPUExecutor().compile(graph, store: store).report
            #expect(report.slowNodes.isEmpty)
            // Stem and the first unit of each block, and each block's end.
            #expect(report.stepsByKind["NormalizedActivation"] == 5)
            #expect(report.stepsByKind["NormalizedActivationGradient"] == 5)
            #expect(report.stepsByKind["Rectifier"] == nil)
            #expect(report.stepsByKind["RectifierGradient"] == nil)
            #expect(report.stepsByKind["Copy"] == nil, "every state is replaced in place")
        }

        @Test func inferenceGivesWhatTheTrainingFormGives() throws {
            var oracle = Oracle(seed: 52)
            let net = ResidualNet()
            let training = try net.trainingGraph()
            let store = StateStore()
            try store.declare(statesOf: training, seed: 2)
            let plan = try CPUExecutor().compile(training, store: store)
            for _ in 0..<4 {
                for (name, tensor) in feeds(&oracle, training) { try plan.feed(name, tensor) }
                try plan.run()
            }
            let inference = try net.inferenceGraph()
            let feeds = oracle.feeds(inference)
            try oracle.check(
                inference, feeds: feeds, store: store, options: PlanOptions(inference: true),
                tolerance: 3e-5)
            try oracle.check(inference, feeds: feeds, store: store, tolerance: 3e-5)
            let report = try CPUExecutor().compile(
                inference, store: store, options: PlanOptions(inference: true)
            ).report
            #expect(report.stepsByKind["BatchNormalizationInference"] == nil)
            #expect(report.stepsByKind["Rectifier"] == nil)
            #expect((report.stepsByKind["FusedConvolution"] ?? 0) >= 5)
        }

        @Test func plansOfOtherBatchesShareTheStates() throws {
            var oracle = Oracle(seed: 53)
            var net = ResidualNet()
            let store = StateStore()
            // The evaluation plan is there before training settles the layouts.
            net.batch = 2
            let inference = try net.inferenceGraph()
            try store.declare(statesOf: inference, seed: 3)
            let evaluation = try CPUExecutor().compile(
                inference, store: store, options: PlanOptions(threads: 2, inference: true))
            let image = oracle.random([2, 3, 8, 8])
            func check(_ what: String) throws {
                try evaluation.feed("image", image)
                try evaluation.run()
                var interpreter = Interpreter(inference, states: try Oracle.states(store))
                let expected = try interpreter.run(["image": image.map(Double.init)])
                oracle.expect(
                    try evaluation.read("logits"), try #require(expected["logits"]),
                    tolerance: 3e-5, what)
            }
            try check("before training")
            for batch in [4, 3] {
                net.batch = batch
                let graph = try net.trainingGraph()
                for step in 0..<2 {
                    try oracle.check(
                        graph, feeds: feeds(&oracle, graph), store: store, tolerance: 1e-4)
                    try check("batch \(batch), step \(step)")
                }
            }
            try store.write("fc.bias", Tensor(shape: [5], values: [1, 2, 3, 4, 5]))
            try check("after a state was written")
        }

        @Test func equalRunsGiveEqualBits() throws {
            var states: [[String: Tensor<Float>]] = []
            for _ in 0..<2 {
                var oracle = Oracle(seed: 54)
                let graph = try ResidualNet(batch: 8, size: 16).trainingGraph()
                let store = StateStore()
                try store.declare(statesOf: graph, seed: 4)
                let plan = try CPUExecutor().compile(
                    graph, store: store, options: PlanOptions(threads: 2))
                for _ in 0..<3 {
                    for (name, tensor) in feeds(&oracle, graph) { try plan.feed(name, tensor) }
                    try plan.run()
                }
                states.append(
                    try Dictionary(
                        uniqueKeysWithValues: store.names.map { ($0, try store.read($0)) }))
            }
            #expect(states[0] == states[1])
        }
    }
}
