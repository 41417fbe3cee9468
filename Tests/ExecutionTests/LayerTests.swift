import Execution
import Graphs
import Tensors
import Testing

extension ExecutionTests {
    @Suite struct Layer {
        @Test func batchNormalization() throws {
            var oracle = Oracle(seed: 41)
            let shapes: [Shape] = [
                [5, 3], [2, 1, 4, 4], [3, 16, 5, 5], [2, 17, 3, 7], [4, 64, 8, 8], [16, 130, 1, 1],
                [16, 48, 9, 9],
            ]
            for shape in shapes {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let g = try graph.input("g", shape)
                let channels: Shape = [shape[1]]
                let scale = try graph.input("scale", channels)
                let offset = try graph.input("offset", channels)
                // Far from zero, where a naive variance would cancel.
                let shifted = try graph.affine(x, scale: 1, offset: 30)
                let node = try graph.append(
                    BatchNormalization(epsilon: 1e-5), [shifted, scale, offset])
                for (index, name) in ["y", "mean", "variance", "unbiased"].enumerated() {
                    graph.output(name, node.output(index))
                }
                let backward = try graph.append(
                    BatchNormalizationGradient(epsilon: 1e-5),
                    [g, shifted, scale, node.output(1), node.output(2)])
                for (index, name) in ["dx", "dscale", "doffset"].enumerated() {
                    graph.output(name, backward.output(index))
                }
                let inference = try graph.normalize(
                    x, scale: scale, offset: offset, mean: node.output(1), variance: node.output(2))
                graph.output("inference", inference)
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 3e-5)
            }
        }

        /// Over what lies innermost and over what lies across, as maps with the channels last have it.
        @Test func layerNormalizationOverAnyAxis() throws {
            var oracle = Oracle(seed: 47)
            let cases: [(Shape, Int)] = [
                ([3, 5, 70], -1), ([3, 70, 5], 1), ([2, 1100, 3], 1), ([2, 7, 9, 6], 3),
                ([2, 6, 7, 9], 1), ([1, 130, 2, 16], 3), ([2, 3, 65, 4], 2), ([40, 3], 0),
            ]
            for (shape, axis) in cases {
                var graph = Graph()
                let x = try graph.input("x", shape)
                let extent: Shape = [shape[axis < 0 ? axis + shape.rank : axis]]
                let scale = try graph.input("scale", extent)
                let offset = try graph.input("offset", extent)
                // Far from zero, where a naive variance would cancel.
                let shifted = try graph.affine(x, scale: 1, offset: 30)
                graph.output(
                    "y",
                    try graph.add(LayerNormalization(axis: axis), shifted, scale, offset))
                graph.output("index", try graph.add(BatchIndex(), x))
                try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 3e-5)
            }
        }

        @Test func pools() throws {
            var oracle = Oracle(seed: 42)
            let cases: [([Int], [Int], Padding, Bool)] = [
                ([2, 2], [2, 2], .none, false), ([3, 3], [2, 2], Padding(1), false),
                ([3, 3], [2, 2], .none, true),
                ([3, 2], [1, 3], Padding(top: 1, left: 0, bottom: 2, right: 1), true),
                ([3, 3], [1, 1], Padding(1), false),
            ]
            for shape in [
                Shape([2, 1, 7, 7]), [2, 3, 8, 9], [1, 17, 6, 6], [2, 64, 5, 5], [1, 130, 4, 4],
            ] {
                for (window, strides, padding, ceil) in cases {
                    var graph = Graph()
                    let x = try graph.input("x", shape)
                    let largest = MaximumPool(
                        window: window, strides: strides, padding: padding, ceilMode: ceil)
                    let y = try graph.add(largest, x)
                    graph.output("maximum", y)
                    let g = try graph.input("g", graph.shape(of: y))
                    graph.output(
                        "maximumGradient", try graph.add(MaximumPoolGradient(largest), x, g))
                    for counts in [true, false] {
                        let average = AveragePool(
                            window: window, strides: strides, padding: padding, ceilMode: ceil,
                            countsPadding: counts)
                        graph.output("average\(counts)", try graph.add(average, x))
                        graph.output(
                            "gradient\(counts)", try graph.add(AveragePoolGradient(average), g, x))
                    }
                    try oracle.check(graph, feeds: oracle.feeds(graph), tolerance: 2e-6)
                }
            }
        }

        @Test func tiesInAPoolGoToTheFirst() throws {
            var graph = Graph()
            let x = try graph.input("x", [1, 2, 4, 4])
            let pool = MaximumPool(
                window: [2, 2], strides: [2, 2], padding: .none, ceilMode: false)
            let g = try graph.input("g", [1, 2, 2, 2])
            graph.output("dx", try graph.add(MaximumPoolGradient(pool), x, g))
            var oracle = Oracle(seed: 43)
            let feeds = [
                "x": Tensor<Float>(shape: [1, 2, 4, 4], repeating: 1),
                "g": oracle.random([1, 2, 2, 2]),
            ]
            try oracle.check(graph, feeds: feeds, tolerance: 0)
        }

        @Test func operatorsWithoutKernelsRunExactly() throws {
            var oracle = Oracle(seed: 44)
            var graph = Graph()
            let x = try graph.input("x", [3, 4, 5])
            let scale = try graph.input("s", [4])
            let offset = try graph.input("o", [4])
            let node = try graph.append(BatchNormalization(), [x, scale, offset])
            graph.output("y", node.output())
            graph.output("mean", node.output(1))
            try oracle.check(graph, feeds: oracle.feeds(graph), allowsSlow: true)
        }
    }
}
