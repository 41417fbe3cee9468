package import Graphs
import Tensors

/// Which samples of a batch resemble which, as a distribution over the others.
///
/// `mean_i KL(softmax_j!=i(cos(t_i, t_j) / tau) || softmax_j!=i(cos(s_i, s_j) / tau))`
/// - Shapes: `[batch, channels]`, or maps, which are averaged over their positions; widths may differ.
/// - Parameters: `temperature` tau, 0.1.
package struct CosineGram: Objective {
    package static let knowledge = Knowledge.relation
    package static let method = "cosine-gram"
    package static let summary = "which samples of a batch resemble which"
    package static let usualWeight = 10.0
    package static let weighsSamples = true

    package let taps: (student: String, teacher: String)
    package let temperature: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "pooled")
        temperature = try parameters.positive("temperature", default: 0.1)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try graph.pooledEmbedding(context.student(taps.student, in: graph))
        let teacher = try graph.pooledEmbedding(context.teacher(taps.teacher, in: &graph))
        try graph.checkBatch(student, teacher)
        let perSample = try graph.divergence(
            teacher: similarities(teacher, in: &graph), student: similarities(student, in: &graph))
        return try graph.mean(perSample, weights: context.sampleWeights)
    }

    /// Cosines over tau; a sample's own is put so low that its probability is exactly zero.
    private func similarities(_ embedding: Value, in graph: inout Graph) throws -> Value {
        let cosines = try graph.cosineMatrix(embedding)
        let scaled = try graph.affine(cosines, scale: 1 / temperature, offset: 0)
        let own = try graph.affine(
            graph.identity(like: cosines), scale: -2 / temperature - 1e3, offset: 0)
        return try graph.add(scaled, own)
    }
}
