package import Graphs
import Tensors

/// The divergence of the softened answers.
///
/// `(T^2 / B) sum p_t log(p_t / p_s)`, `p = softmax(z / T)`. The factor T^2 keeps the gradient's size.
/// - Parameters: `temperature` T, 2.
/// - Reference: Hinton, Vinyals, Dean 2015, 1503.02531.
package struct KullbackLeibler: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "kullback-leibler"
    package static let summary = "divergence of the softened class probabilities"

    package let taps: (student: String, teacher: String)
    package let temperature: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
        temperature = try parameters.positive("temperature", default: 2)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let (student, teacher) = try context.logits(taps, in: &graph)
        let perSample = try graph.divergence(
            teacher: graph.affine(teacher, scale: 1 / temperature, offset: 0),
            student: graph.affine(student, scale: 1 / temperature, offset: 0))
        let mean = try graph.mean(perSample, weights: context.sampleWeights)
        return try graph.affine(mean, scale: temperature * temperature, offset: 0)
    }
}
