package import Graphs
import Tensors

/// The Gram matrices of the batch agree, row by row.
///
/// `|rowL2(G_s) - rowL2(G_t)|^2 / B^2`, `G = F F^T` of the flattened taps.
/// - Shapes: `[batch, ...]` on either side; their sizes may differ.
/// - Reference: Tung and Mori 2019, 1907.09682.
package struct SimilarityPreserving: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "similarity-preserving"
    package static let summary = "row-normalised Gram matrices of the batch"
    package static let usualWeight = 30.0
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "features")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.finiteEmbedding(
            graph.flatten(context.student(taps.student, in: graph)))
        let teacher = try graph.finiteEmbedding(
            graph.flatten(context.teacher(taps.teacher, in: &graph)))
        try graph.checkBatch(student, teacher)
        let difference = try graph.subtract(
            gram(student, in: &graph), gram(teacher, in: &graph))
        let perSample = try graph.reduce(
            .mean, graph.square(difference), axes: [1], keepDimensions: false)
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    private func gram(_ x: Value, in graph: inout Graph) throws -> Value {
        try graph.normalizeRows(graph.multiplyMatrices(x, x, transposeRight: true))
    }
}
