package import Graphs
import Tensors

/// DIST: the student's probabilities correlate with the teacher's, class by class and sample by sample.
///
/// `tau^2 [b (1 - mean_rows r) + g (1 - mean_columns r)]`, r Pearson's correlation of softmax(z / tau).
/// - Parameters: `temperature` tau, 1; `inter` b, 1; `intra` g, 1.
/// - Reference: Huang et al. 2022 (NeurIPS), 2205.10536.
package struct CorrelationOfPredictions: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "dist"
    package static let summary =
        "correlation of class probabilities within samples and within classes"
    package static let usualWeight = 0.3

    package let taps: (student: String, teacher: String)
    package let temperature: Double
    package let inter: Double
    package let intra: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
        temperature = try parameters.positive("temperature", default: 1)
        inter = try parameters.number("inter", default: 1, in: 0...1e6)
        intra = try parameters.number("intra", default: 1, in: 0...1e6)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let (student, teacher) = try context.logits(taps, in: &graph)
        try graph.checkBatch(student, teacher)
        let (p, q) = (
            try probabilities(student, in: &graph), try probabilities(teacher, in: &graph)
        )
        let rows = try graph.mean(
            correlation(p, q, axis: 1, in: &graph), weights: context.sampleWeights)
        let columns = try graph.mean(correlation(p, q, axis: 0, in: &graph), weights: nil)
        let square = temperature * temperature
        return try graph.add(
            graph.affine(rows, scale: -square * inter, offset: square * inter),
            graph.affine(columns, scale: -square * intra, offset: square * intra))
    }

    private func probabilities(_ logits: Value, in graph: inout Graph) throws -> Value {
        try graph.softmax(graph.affine(logits, scale: 1 / temperature, offset: 0), axis: 1)
    }

    /// Pearson's correlation along an axis.
    private func correlation(
        _ p: Value, _ q: Value, axis: Int, in graph: inout Graph
    ) throws -> Value {
        let p = try graph.subtract(p, graph.reduce(.mean, p, axes: [axis], keepDimensions: true))
        let q = try graph.subtract(q, graph.reduce(.mean, q, axes: [axis], keepDimensions: true))
        func sum(_ x: Value, _ graph: inout Graph) throws -> Value {
            try graph.reduce(.sum, x, axes: [axis], keepDimensions: false)
        }
        let product = try sum(graph.multiply(p, q), &graph)
        let scale = try graph.multiply(
            graph.inverseSquareRoot(sum(graph.square(p), &graph)),
            graph.inverseSquareRoot(sum(graph.square(q), &graph)))
        return try graph.multiply(product, scale)
    }
}
