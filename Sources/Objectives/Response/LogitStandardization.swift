package import Graphs
import Tensors

/// The divergence of answers whose logits are standardised first, so that only their form counts.
///
/// `(T^2 / B) sum KL(softmax(n(z_t) / T) || softmax(n(z_s) / T))`, `n(z) = (z - mean) / (std + 1e-7)`, std
/// with K - 1 in the denominator.
/// - Parameters: `temperature` T, 2.
/// - Reference: Sun et al. 2024, 2403.01427.
package struct LogitStandardization: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "logit-standardization"
    package static let summary = "divergence of class probabilities from standardised logits"
    package static let usualWeight = 10.0

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
            teacher: standardize(teacher, in: &graph), student: standardize(student, in: &graph))
        let mean = try graph.mean(perSample, weights: context.sampleWeights)
        return try graph.affine(mean, scale: temperature * temperature, offset: 0)
    }

    private func standardize(_ logits: Value, in graph: inout Graph) throws -> Value {
        let mean = try graph.reduce(.mean, logits, axes: [1], keepDimensions: true)
        let centred = try graph.subtract(logits, mean)
        let squares = try graph.reduce(.sum, graph.square(centred), axes: [1], keepDimensions: true)
        let freedom = Double(graph.shape(of: logits)[1] - 1)
        // Equal logits have no deviation; the floor keeps the root's gradient finite there.
        let variance = try graph.atLeast(
            graph.affine(squares, scale: 1 / freedom, offset: 0), 1e-14)
        let deviation = try graph.affine(graph.squareRoot(variance), scale: 1, offset: 1e-7)
        let inverse = try graph.affine(
            graph.reciprocal(deviation), scale: 1 / temperature, offset: 0)
        return try graph.multiply(centred, inverse)
    }
}
