package import Graphs
import Tensors

/// PKT: the probabilities of meeting another sample nearby agree.
///
/// `(1/B^2) sum q_t log((q_t + e) / (q_s + e))`, q the row-normalised `(cos + 1) / 2`, e = 1e-7.
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions.
/// - Reference: Passalis and Tefas 2018, 1803.10837.
package struct ProbabilisticTransfer: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "probabilistic-transfer"
    package static let summary = "probabilities of neighbours, from cosines (PKT)"
    package static let usualWeight = 30_000.0
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatch(student, teacher)
        let q = try neighbours(student, in: &graph)
        let p = try neighbours(teacher, in: &graph)
        let ratio = try graph.subtract(
            graph.logarithm(graph.affine(p, scale: 1, offset: 1e-7)),
            graph.logarithm(graph.affine(q, scale: 1, offset: 1e-7)))
        let perSample = try graph.reduce(
            .mean, graph.multiply(p, ratio), axes: [1], keepDimensions: false)
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    private func neighbours(_ x: Value, in graph: inout Graph) throws -> Value {
        // Rounding may put a cosine below -1, and a logarithm must not see that.
        let similarity = try graph.atLeast(
            graph.affine(graph.cosineMatrix(x), scale: 0.5, offset: 0.5), 0)
        let sum = try graph.reduce(.sum, similarity, axes: [1], keepDimensions: true)
        return try graph.divide(similarity, graph.atLeast(sum, 1e-12))
    }
}
