package import Graphs
import Tensors

/// NST: the channels of student and teacher respond to the same regions.
///
/// `k(t, t) + k(s, s) - 2 k(s, t)`, `k(a, b) = mean_b,i,j (a_i . b_j)^2` over channels i and j, each a map of
/// length 1: the maximum mean discrepancy with a quadratic kernel. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]`; channels may differ, the larger map is averaged.
/// - Reference: Huang and Wang 2017, 1707.01219.
package struct NeuronSelectivity: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "neuron-selectivity"
    package static let summary = "which regions the channels respond to, as a distribution (NST)"
    package static let usualWeight = 50.0
    package static let comparesPositions = true

    package let pairs: [TapPair]

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let maps = try context.maps(pair, positions: 2, in: &graph)
            let student = try unitChannels(maps.student, in: &graph)
            let teacher = try unitChannels(maps.teacher, in: &graph)
            let shapes = (graph.shape(of: student), graph.shape(of: teacher))
            let (s, t) = (shapes.0[1], shapes.1[1])
            if shapes.0[2] * shapes.0[2] <= s * s + s * t + t * t {
                return try byPositions(student, teacher, in: &graph)
            }
            let own = try graph.add(
                kernel(teacher, teacher, in: &graph), kernel(student, student, in: &graph))
            return try graph.subtract(
                own, graph.affine(kernel(student, teacher, in: &graph), scale: 2))
        }
    }

    /// The same by products of positions instead of channels, of which late maps have fewer.
    ///
    /// `sum_i,j (a_i . b_j)^2 = <A^T A, B^T B>` for maps A, B `[channels, positions]`, so the loss is
    /// `|T^T T / C_t - S^T S / C_s|^2`.
    private func byPositions(
        _ student: Value, _ teacher: Value, in graph: inout Graph
    ) throws -> Value {
        func products(_ x: Value, _ graph: inout Graph) throws -> Value {
            try graph.affine(
                graph.multiplyMatrices(x, x, transposeLeft: true),
                scale: 1 / Double(graph.shape(of: x)[1]))
        }
        let difference = try graph.subtract(
            products(student, &graph), products(teacher, &graph))
        return try graph.reduce(
            .sum, graph.square(difference), axes: [1, 2], keepDimensions: false)
    }

    /// `[batch, channels, positions]`, each channel of length 1.
    private func unitChannels(_ map: Value, in graph: inout Graph) throws -> Value {
        let x = try graph.flattenPositions(map)
        let squares = try graph.reduce(.sum, graph.square(x), axes: [2], keepDimensions: true)
        return try graph.multiply(x, graph.inverseSquareRoot(squares))
    }

    /// The kernel of each sample, `[batch]`.
    private func kernel(_ a: Value, _ b: Value, in graph: inout Graph) throws -> Value {
        let products = try graph.multiplyMatrices(a, b, transposeRight: true)
        return try graph.reduce(
            .mean, graph.square(products), axes: [1, 2], keepDimensions: false)
    }
}
