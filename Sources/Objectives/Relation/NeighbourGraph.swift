package import Graphs
import Tensors

/// The batch's mutual-k-nearest-neighbour graph is the teacher's, both graphs being soft.
///
/// Two samples are mutual neighbours if each is among the other's k nearest by cosine. Soft:
/// `a_ij = sigmoid((cos_ij - h_i) / tau) sigmoid((cos_ij - h_j) / tau)` with h_i halfway between the k-th and
/// the next greatest cosine of sample i, so that the sigmoid is above 1/2 exactly for i's k nearest and tau -> 0
/// gives the hard graph. The loss is the divergence of the edges as independent coins, in units of the k edges
/// that a sample can have: `(1 / (B k)) sum_i sum_j!=i [a_t ln(a_t / a_s) + (1 - a_t) ln((1 - a_t) / (1 - a_s))]`.
/// It is zero for a student whose cosines are the teacher's. The gradient flows through h_i as well; who the
/// k-th nearest is, is piecewise constant.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions; widths may differ.
/// - Parameters: `neighbours` k, 5, at most the batch less 2; `temperature` tau, 0.1.
/// - Throws: `ObjectiveError.shape` for a batch of one.
/// - Reference: the hard graph as in Huh et al. 2024, 2405.07987 (mutual k-nearest-neighbour alignment); the
///   cross-entropy between two soft neighbour graphs, with a threshold for each point, is UMAP's, McInnes, Healy,
///   Melville 2018, 1802.03426. The combination is this library's own.
package struct NeighbourGraph: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "neighbour-graph"
    package static let summary = "the soft graph of mutual nearest neighbours in the batch"
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)
    package let neighbours: Int
    package let temperature: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
        neighbours = try parameters.integer("neighbours", default: 5, in: 1...64)
        temperature = try parameters.positive("temperature", default: 0.1)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatch(student, teacher)
        let count = max(1, min(neighbours, graph.shape(of: student)[0] - 2))
        let own = try edges(student, count, in: &graph)
        let target = try edges(teacher, count, in: &graph)
        let present = try graph.multiply(target.there, graph.subtract(target.log, own.log))
        let absent = try graph.multiply(
            graph.affine(target.there, scale: -1, offset: 1),
            graph.subtract(target.logAbsent, own.logAbsent))
        let others = try graph.affine(graph.identity(like: present), scale: -1, offset: 1)
        let coins = try graph.multiply(others, graph.add(present, absent))
        let perSample = try graph.reduce(.sum, coins, axes: [1], keepDimensions: false)
        let mean = try graph.mean(perSample, weights: context.sampleWeights)
        return try graph.affine(mean, scale: 1 / Double(count), offset: 0)
    }

    /// a, ln a and ln(1 - a), each `[batch, batch]`.
    private struct Edges {
        let there: Value
        let log: Value
        let logAbsent: Value
    }

    private func edges(_ x: Value, _ count: Int, in graph: inout Graph) throws -> Edges {
        let cosines = try graph.cosineMatrix(x)
        let threshold = try threshold(cosines, count, in: &graph)
        let row = try graph.affine(
            graph.subtract(cosines, threshold), scale: 1 / temperature, offset: 0)
        let column = try graph.transpose(row, [1, 0])
        // ln a = -softplus(-u) - softplus(-v); 1 - a = (1 + e^u + e^v) / ((1 + e^u) (1 + e^v)).
        let log = try graph.negate(
            graph.add(
                graph.unary(.softplus, graph.negate(row)),
                graph.unary(.softplus, graph.negate(column))))
        let logAbsent = try graph.subtract(
            logOfOneAndExponentials(row, column, in: &graph),
            graph.add(graph.unary(.softplus, row), graph.unary(.softplus, column)))
        return Edges(there: try graph.exponential(log), log: log, logAbsent: logAbsent)
    }

    /// `ln(1 + e^u + e^v) = m + ln(e^-m + e^(u - m) + e^(v - m))`, m the greatest of 0, u and v.
    private func logOfOneAndExponentials(
        _ u: Value, _ v: Value, in graph: inout Graph
    ) throws -> Value {
        let largest = try graph.stopGradient(graph.atLeast(graph.maximum(u, v), 0))
        let sum = try graph.add(
            graph.exponential(graph.negate(largest)),
            graph.add(
                graph.exponential(graph.subtract(u, largest)),
                graph.exponential(graph.subtract(v, largest))))
        return try graph.add(largest, graph.logarithm(sum))
    }

    /// Halfway between the k-th and the next greatest cosine of each row, `[batch, 1]`.
    ///
    /// The greatest are found one after the other and put below all others; equal ones go together.
    private func threshold(_ cosines: Value, _ count: Int, in graph: inout Graph) throws -> Value {
        let below = try graph.constant(-3)
        var left = try graph.select(graph.identity(like: cosines), below, cosines)
        for _ in 1..<max(1, count) {
            let largest = try graph.reduce(.maximum, left, axes: [1], keepDimensions: true)
            left = try graph.select(graph.equal(left, largest), below, left)
        }
        let nearest = try graph.reduce(.maximum, left, axes: [1], keepDimensions: true)
        let rest = try graph.select(graph.equal(left, nearest), below, left)
        let next = try graph.reduce(.maximum, rest, axes: [1], keepDimensions: true)
        return try graph.affine(graph.add(nearest, next), scale: 0.5, offset: 0)
    }
}
