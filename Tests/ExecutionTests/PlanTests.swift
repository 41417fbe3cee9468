import Execution
import Foundation
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Plans {
        /// In a process of its own: what other tests allocate meanwhile would count as the plan's.
        @Test func runsAllocateNothing() async {
            await #expect(processExitsWith: .success) {
                var oracle = Oracle(seed: 61)
                let graph = try ResidualNet(batch: 8, size: 16).trainingGraph()
                let store = StateStore()
                try store.declare(statesOf: graph, seed: 1)
                let plan = try CPUExecutor().compile(
                    graph, store: store, options: PlanOptions(threads: 2))
                let image = oracle.random([8, 3, 16, 16])
                try plan.feed("targets", oracle.random([8, 5]))
                try plan.feed("rate", scalar: 0.01)
                func step() throws {
                    try image.values.withUnsafeBufferPointer {
                        try plan.feed("image", values: $0)
                    }
                    try plan.run()
                    _ = try plan.withOutput("logits") { $0[0] }
                    _ = try plan.scalar("loss")
                }
                for _ in 0..<3 { try step() }
                // The test library's own threads may allocate: the quietest of several rounds counts.
                var least = Int.max
                for _ in 0..<20 {
                    let before = Processor.allocatedByteCount
                    for _ in 0..<10 { try step() }
                    least = min(least, abs(Processor.allocatedByteCount - before))
                }
                guard least == 0 else { exit(1) }
            }
        }

        @Test func liveBlocksNeverOverlap() {
            for seed in UInt64(0)..<60 {
                var oracle = Oracle(seed: seed)
                let blocks = (0..<oracle.integer(1...80)).map { _ in
                    let first = oracle.integer(0...40)
                    return MemoryPlanner.Block(
                        byteCount: oracle.integer(0...5000), first: first,
                        last: first + oracle.integer(0...20))
                }
                let (offsets, total) = MemoryPlanner.place(blocks)
                for (i, a) in blocks.enumerated() {
                    #expect(offsets[i] % MemoryPlanner.alignment == 0)
                    #expect(offsets[i] + a.byteCount <= total)
                    for (j, b) in blocks.enumerated() where i < j {
                        guard a.first <= b.last && b.first <= a.last else { continue }
                        let apart =
                            offsets[i] + a.byteCount <= offsets[j]
                            || offsets[j] + b.byteCount <= offsets[i]
                        #expect(
                            apart || a.byteCount == 0 || b.byteCount == 0,
                            "seed \(seed): \(a) and \(b)")
                    }
                }
            }
        }

        /// Any overlap of live values in the arena would show in some result.
        @Test func randomGraphsGiveWhatTheInterpreterGives() throws {
            for seed in UInt64(100)..<140 {
                var oracle = Oracle(seed: seed)
                let graph = try randomGraph(&oracle)
                let store = StateStore()
                for _ in 0..<2 {
                    try oracle.check(
                        graph, feeds: oracle.feeds(graph), store: store, tolerance: 2e-5)
                }
            }
        }

        private func randomGraph(_ oracle: inout Oracle) throws -> Graph {
            var graph = Graph()
            let shape: Shape = oracle.pick([[2, 3, 4, 5], [3, 8], [2, 16, 3, 3]])
            var values = [try graph.input("a", shape), try graph.input("b", shape)]
            for name in ["s", "t"] {
                values.append(
                    try graph.state(
                        name, shape, role: .memory, initializer: .normal(standardDeviation: 1)))
            }
            for _ in 0..<oracle.integer(5...30) {
                let x = oracle.pick(values)
                let y = oracle.pick(values)
                let z: Value
                switch oracle.integer(0...9) {
                case 0: z = try graph.add(x, y)
                case 1: z = try graph.multiply(graph.add(Unary(.tanh), x), y)
                case 2: z = try graph.rectify(x)
                case 3: z = try graph.affine(x, scale: 0.5, offset: -0.25)
                case 4:
                    z = try graph.subtract(
                        x, graph.reduce(.mean, y, axes: [1], keepDimensions: true))
                case 5: z = try graph.add(RectifierGradient(), x, y)
                case 6: z = try graph.stopGradient(graph.clip(x, minimum: -1, maximum: 1))
                case 7: z = try graph.softmax(x, axis: 1)
                case 8:
                    let half = try graph.slice(x, axis: 0, start: 0, length: 1)
                    let rest = try graph.slice(y, axis: 0, start: 1)
                    z = try graph.concatenate([half, rest], axis: 0)
                default:
                    let flat = try graph.flatten(x)
                    z = try graph.reshape(graph.add(Unary(.sigmoid), flat), like: y)
                }
                values.append(z)
            }
            for index in 0..<3 { graph.output("y\(index)", oracle.pick(values)) }
            if oracle.integer(0...3) > 0 {
                try graph.replace(state: "s", with: oracle.pick(values))
            }
            if oracle.integer(0...3) > 0 {
                try graph.replace(state: "t", with: oracle.pick(values))
            }
            return graph
        }

        @Test func hoistedStepsFollowTheStates() throws {
            var graph = Graph()
            let x = try graph.input("x", [2])
            let state = try graph.state(
                "s", [2], role: .parameter, initializer: .constant(3))
            graph.output("y", try graph.add(x, graph.affine(state, scale: 2)))
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 0)
            let plan = try CPUExecutor().compile(graph, store: store)
            #expect(plan.report.hoistedStepCount == 1)
            try plan.feed("x", Tensor(shape: [2], values: [1, 2]))
            try plan.run()
            #expect(try plan.read("y").values == [7, 8])
            let before = store.version
            try store.write("s", Tensor(shape: [2], values: [0, 1]))
            #expect(store.version > before)
            try plan.run()
            #expect(try plan.read("y").values == [1, 4])
        }

        @Test func errorsNameWhatIsWrong() throws {
            var graph = Graph()
            let x = try graph.input("x", [2, 3])
            graph.output("y", try graph.affine(x, scale: 2))
            graph.output("n", try graph.reduce(.sum, x))
            let plan = try CPUExecutor().compile(graph, store: StateStore())
            func code(_ body: () throws -> Void) -> ExecutionError.Code? {
                do { try body() } catch let error as ExecutionError { return error.code } catch {}
                return nil
            }
            #expect(code { try plan.run() } == .unbound)
            #expect(code { try plan.feed("z", scalar: 1) } == .unknownName)
            #expect(code { try plan.feed("x", scalar: 1) } == .shape)
            #expect(code { try plan.feed("x", Tensor(shape: [6], repeating: 1)) } == .shape)
            try plan.feed("x", Tensor(shape: [2, 3], repeating: 1))
            try plan.run()
            #expect(try plan.scalar("n") == 6)
            #expect(code { _ = try plan.scalar("y") } == .shape)
            #expect(code { _ = try plan.read("q") } == .unknownName)

            var other = Graph()
            let state = try other.state("s", [2], role: .memory, initializer: .constant(0))
            other.output("y", try other.affine(state, scale: 2))
            #expect(
                code { _ = try CPUExecutor().compile(other, store: StateStore()) } == .unknownName)
            let store = StateStore()
            try store.declare(statesOf: other, seed: 0)
            let second = try CPUExecutor().compile(other, store: store)
            store.remove("s")
            #expect(code { try second.run() } == .unknownName)
        }

        @Test func whatNothingReadsNeedNotBeFed() throws {
            var graph = Graph()
            let x = try graph.input("x", [2])
            let unused = try graph.input("unused", [3])
            _ = try graph.affine(unused, scale: 2)
            let like = try graph.input("like", [4, 2])
            graph.output("y", try graph.broadcast(x, like: like))
            let plan = try CPUExecutor().compile(graph, store: StateStore())
            try plan.feed("x", Tensor(shape: [2], values: [1, 2]))
            try plan.feed("unused", Tensor(shape: [3], repeating: 0))
            try plan.run()
            #expect(try plan.read("y").values == [1, 2, 1, 2, 1, 2, 1, 2])
        }

        @Test func profilesEveryStep() throws {
            var oracle = Oracle(seed: 62)
            let graph = try ResidualNet().inferenceGraph()
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            let plan = try CPUExecutor().compile(
                graph, store: store, options: PlanOptions(label: "test", inference: true))
            for (name, tensor) in oracle.feeds(graph) { try plan.feed(name, tensor) }
            let timings = try plan.profile(runs: 2)
            #expect(timings.count == plan.report.stepCount)
            #expect(timings.allSatisfy { $0.seconds > 0 })
            #expect(plan.report.label == "test")
        }
    }

    @Suite struct States {
        @Test func beginningsDependOnSeedAndNameAlone() throws {
            var graph = Graph()
            for name in ["a", "b"] {
                _ = try graph.state(
                    name, [32, 16, 3, 3], role: .parameter, initializer: .kaimingNormalFanOut)
            }
            _ = try graph.state("c", [8, 50], role: .parameter, initializer: .uniformFanIn)
            _ = try graph.state("d", [8, 50], role: .average, initializer: .copy(of: "c"))
            let stores = [StateStore(), StateStore(), StateStore()]
            for (store, seed) in zip(stores, [1, 1, 2] as [UInt64]) {
                try store.declare(statesOf: graph, seed: seed)
            }
            #expect(stores[0].names == ["a", "b", "c", "d"])
            #expect(try stores[0].read("a") == stores[1].read("a"))
            #expect(try stores[0].read("a") != stores[2].read("a"))
            #expect(try stores[0].read("a").values != stores[0].read("b").values)
            #expect(try stores[0].read("c") == stores[0].read("d"))
            let values = try stores[0].read("a").values.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(mean) < 0.01)
            #expect(abs(variance - 2 / (32 * 9)) < 0.1 * 2 / (32 * 9))
            let bound = 1 / Float(50).squareRoot()
            #expect(try stores[0].read("c").values.allSatisfy { abs($0) <= bound })
        }

        /// What no machine has is refused by its number rather than by the kernel.
        @Test func valuesBeyondTheMachineAreRefused() throws {
            var graph = Graph()
            let x = try graph.input("x", [1 << 12, 1 << 30])
            graph.output("y", try graph.add(Affine(scale: 2), x))
            let error = #expect(throws: ExecutionError.self) {
                _ = try CPUExecutor().compile(graph, store: StateStore(), options: PlanOptions())
            }
            #expect(error?.code == .outOfMemory)
            #expect(error?.message.contains("MiB are available") == true)
            try SystemMemory.require(1 << 20, for: "small values")
        }

        @Test func declaringAgainKeepsValues() throws {
            var graph = Graph()
            _ = try graph.state("a", [2, 2, 3, 3], role: .parameter, initializer: .constant(1))
            let store = StateStore()
            try store.declare(statesOf: graph, seed: 1)
            var oracle = Oracle(seed: 63)
            let values = oracle.random([2, 2, 3, 3])
            try store.write("a", values)
            try store.declare(statesOf: graph, seed: 2)
            #expect(try store.read("a") == values)
            var other = Graph()
            _ = try other.state("a", [3], role: .parameter, initializer: .constant(1))
            #expect(throws: ExecutionError.self) { try store.declare(statesOf: other, seed: 1) }
            #expect(throws: ExecutionError.self) { try store.write("a", Tensor(scalar: 1)) }
            #expect(throws: ExecutionError.self) { _ = try store.read("b") }
        }
    }
}
