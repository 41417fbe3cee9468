import Graphs
import Tensors
import Testing

@Suite struct GraphSummaryTests {
    @Test func countsParametersAndWork() throws {
        let network = try ResidualNetwork(seed: 1)
        let summary = GraphSummary(of: network.graph)
        // Weights of the six convolutions, four vectors for each, and the classifier.
        let weights = 4 * 27 + 2 * 4 * 36 + 6 * 36 + 6 * 54 + 6 * 4
        let vectors = 4 * (4 + 4 + 4 + 6 + 6 + 6)
        #expect(summary.parameters == weights + vectors + 5 * 6 + 5)
        #expect(network.graph.parameterCount == summary.parameters)
        // Batch 2; 8x8 up to layer1, 4x4 after.
        let large = 64 * (4 * 27 + 2 * 4 * 36)
        let small = 16 * (6 * 36 + 6 * 54 + 6 * 4)
        #expect(summary.multiplyAdds == 2 * (large + small + 30))
        #expect(network.graph.multiplyAdds == summary.multiplyAdds)
    }

    @Test func backwardDoublesTheWork() throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3, 5, 5])
        let w = try graph.input("w", [4, 3, 3, 3])
        let y = try graph.convolve(x, weight: w)
        let forward = graph.multiplyAdds
        let loss = try graph.reduce(.sum, y)
        _ = try graph.gradients(of: loss, for: [x, w])
        #expect(graph.multiplyAdds == 3 * forward)
    }

    @Test func groupsByName() throws {
        let network = try ResidualNetwork(seed: 1)
        let summary = GraphSummary(of: network.graph)
        let groups = summary.grouped(depth: 1)
        #expect(groups.rows.map(\.name).contains("stem"))
        #expect(groups.rows.count < summary.rows.count)
        #expect(groups.parameters == summary.parameters)
        #expect(groups.multiplyAdds == summary.multiplyAdds)
    }

    @Test func printsATable() throws {
        var graph = Graph()
        let x = try graph.input("x", [2, 3])
        let w = try graph.state("w", [4, 3], role: .parameter, initializer: .constant(0))
        _ = try graph.add(MatrixMultiply(transposeRight: true), x, w, name: "head")
        #expect(
            "\(GraphSummary(of: graph))" == """
                name   operator        shape   parameters  multiply-adds
                head   MatrixMultiply  [2, 4]          12             24
                total                                  12             24
                """)
    }
}
