package import Graphs
import Tensors

/// The squared difference of the logits themselves.
///
/// `(1 / B K) sum (z_s - z_t)^2`
/// - Shapes: `[batch, classes]`, equal.
/// - Reference: Ba and Caruana 2014, 1312.6184.
package struct MeanSquaredLogits: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "mean-squared-error"
    package static let summary = "squared difference of the logits"

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let (student, teacher) = try context.logits(taps, in: &graph)
        return try graph.mean(
            graph.squaredDifference(student, teacher), weights: context.sampleWeights)
    }
}
