package import Graphs
import Tensors

/// Cross-entropy with the teacher's most probable class; classes that tie share it.
///
/// `-(1/n) sum_b log softmax(z_s)_b,argmax(z_t)` over the n samples of which the teacher is sure enough,
/// `max_k softmax(z_t)_bk >= c`; 0 if there is none.
/// - Parameters: `confidence` c, 0: all samples count.
/// - Reference: Lee 2013, "Pseudo-label"; the threshold as in Sohn et al. 2020, 2001.07685.
package struct HardLabels: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "hard-labels"
    package static let summary = "cross-entropy with the class that the teacher finds most probable"

    package let taps: (student: String, teacher: String)
    package let confidence: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
        confidence = try parameters.number("confidence", default: 0, in: 0...1)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let (student, teacher) = try context.logits(taps, in: &graph)
        let largest = try graph.reduce(.maximum, teacher, axes: [1], keepDimensions: true)
        let chosen = try graph.add(Binary(.equal), teacher, largest)
        let ties = try graph.reduce(.sum, chosen, axes: [1], keepDimensions: true)
        let targets = try graph.divide(chosen, ties)
        let terms = try graph.multiply(targets, graph.logSoftmax(student, axis: 1))
        let perSample = try graph.reduce(.sum, terms, axes: [1], keepDimensions: false)
        let weights = try weights(teacher, context: context, in: &graph)
        return try graph.negate(graph.mean(perSample, weights: weights))
    }

    /// The samples' weights, zero where the teacher is not sure enough; nil: all count alike.
    private func weights(
        _ teacher: Value, context: ObjectiveContext, in graph: inout Graph
    ) throws -> Value? {
        guard confidence > 0 else { return context.sampleWeights }
        let probabilities = try graph.softmax(teacher, axis: 1)
        let largest = try graph.reduce(.maximum, probabilities, axes: [1], keepDimensions: false)
        let doubtful = try graph.greater(graph.constant(confidence), largest)
        let sure = try graph.affine(doubtful, scale: -1, offset: 1)
        return try context.sampleWeights.map { try graph.multiply($0, sure) } ?? sure
    }
}
