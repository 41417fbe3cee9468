import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Shaping {
        @Test func reshapes() throws {
            var oracle = Oracle(seed: 11)
            let cases: [(Shape, [ReshapeDimension])] = [
                ([2, 3, 4, 5], [.copy(0), .infer]),
                ([2, 60], [.copy(0), .size(3), .size(4), .infer]),
                ([2, 3, 4, 5], [.copy(0), .size(5), .size(4), .size(3)]),
                ([2, 7, 1, 1], [.copy(0), .infer]), ([2, 1, 3, 4], [.copy(0), .infer]),
                ([2, 3, 4, 5], [.infer, .size(1)]), ([6, 4], [.size(2), .size(3), .infer]),
                ([2, 3, 4, 5], [.size(6), .infer]),
                ([12], [.size(1), .size(3), .size(2), .size(2)]),
                ([8, 32, 16, 16], [.copy(0), .infer]), ([2, 3, 4], [.infer]),
            ]
            for (shape, dimensions) in cases {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let y = try graph.reshape(x, dimensions)
                graph.output("y", y)
                graph.output("back", try graph.reshape(graph.affine(y, scale: 2), like: x))
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-7)
            }
        }

        @Test func transposes() throws {
            var oracle = Oracle(seed: 12)
            let cases: [(Shape, [Int])] = [
                ([3, 5], [1, 0]), ([65, 130], [1, 0]), ([2, 3, 4], [2, 0, 1]),
                ([2, 3, 4, 5], [0, 2, 3, 1]), ([2, 3, 4, 5], [0, 3, 1, 2]),
                ([2, 3, 4, 5], [3, 2, 1, 0]),
                ([2, 17, 33, 19], [1, 0, 2, 3]), ([2, 3, 2, 3, 2], [4, 2, 0, 1, 3]),
                ([4, 1, 6], [2, 1, 0]),
            ]
            for (shape, permutation) in cases {
                var graph = Graph()
                let x = try graph.input("x", shape)
                graph.output("y", try graph.transpose(x, permutation))
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-7)
            }
        }

        @Test func slicesAndConcatenations() throws {
            var oracle = Oracle(seed: 13)
            let shapes: [Shape] = [
                [7], [5, 6], [2, 5, 4], [3, 5, 4, 6], [4, 16, 5, 5], [2, 3, 4, 2, 3],
            ]
            for shape in shapes {
                for axis in -shape.rank..<shape.rank {
                    var graph = Graph()
                    let x = try graph.input("x", shape)
                    let part = try graph.slice(x, axis: axis, start: 1, length: nil)
                    let last = try graph.slice(x, axis: axis, start: -1, length: 1)
                    graph.output("part", part)
                    graph.output("last", last)
                    graph.output(
                        "joined", try graph.concatenate([last, x, part, last], axis: axis))
                    graph.output(
                        "gradient", try graph.add(SliceGradient(axis: axis, start: 1), part, x))
                    graph.output(
                        "again", try graph.add(SliceGradient(axis: axis, start: -1), last, x))
                    let joined = try graph.append(Concatenate(axis: axis), [part, last, x])
                    let piece = try graph.append(
                        ConcatenateGradient(axis: axis), [joined.output(), part, last])
                    graph.output("piece", piece.output())
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-7)
                }
            }
        }

        @Test func paddingAndBroadcasting() throws {
            var oracle = Oracle(seed: 14)
            var graph = Graph()
            let x = try graph.input("x", [2, 3, 4, 5])
            let padded = try graph.add(
                Pad(before: [0, 0, 1, 2], after: [0, 1, 0, 3], value: 0.5), x)
            graph.output("padded", padded)
            graph.output("gradient", try graph.add(PadGradient(before: [0, 0, 1, 2]), padded, x))
            let small = try graph.input("small", [3, 1, 1])
            graph.output("wide", try graph.broadcast(small, like: x))
            let scalar = try graph.input("scalar", [])
            graph.output("scalar", try graph.broadcast(scalar, like: x))
            let row = try graph.input("row", [5])
            graph.output("row", try graph.broadcast(row, like: x))
            try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-7)
        }

        @Test func gathersAndRefusesBadIndices() throws {
            var oracle = Oracle(seed: 15)
            for (shape, axis) in [(Shape([5, 3]), 0), ([2, 5], 1), ([2, 5, 3], -2)] {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let indices = try graph.input("i", [4])
                let picked = try graph.add(Gather(axis: axis), x, indices)
                graph.output("picked", picked)
                graph.output(
                    "gradient", try graph.add(GatherGradient(axis: axis), picked, indices, x))
                var feeds = oracle.feeds(graph)
                feeds["i"] = Tensor(shape: [4], values: [0, -1, 4, 0])
                try oracle.check(graph, feeds: feeds, tolerance: 1e-6)

                let plan = try CPUExecutor().compile(graph, store: StateStore())
                for (name, tensor) in feeds { try plan.feed(name, tensor) }
                try plan.feed("i", Tensor(shape: [4], values: [0, 5, 1, 2]))
                #expect(throws: ExecutionError.self) { try plan.run() }
            }
        }

        @Test func resizes() throws {
            var oracle = Oracle(seed: 16)
            for mode in [Resize.Mode.nearest, .bilinear] {
                for (height, width) in [(8, 8), (3, 5), (4, 4), (7, 2), (1, 1)] {
                    var graph = Graph()
                    let x = try graph.input("x", [2, 3, 4, 4])
                    let y = try graph.resize(x, height: height, width: width, mode: mode)
                    graph.output("y", y)
                    let resize = Resize(height: height, width: width, mode: mode)
                    graph.output("gradient", try graph.add(ResizeGradient(resize), y, x))
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 1e-6)
                }
            }
        }
    }
}
