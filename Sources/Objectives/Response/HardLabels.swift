package import Graphs
import Tensors

/// Cross-entropy with the teacher's most probable class; classes that tie share it.
///
/// `-(1/B) sum_b log softmax(z_s)_b,argmax(z_t)`
/// - Reference: Lee 2013, "Pseudo-label".
package struct HardLabels: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "hard-labels"
    package static let summary = "cross-entropy with the class that the teacher finds most probable"

    package let taps: (student: String, teacher: String)

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [taps.student], teacher: [taps.teacher])
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let student = try context.student(taps.student, in: graph)
        let teacher = try context.teacher(taps.teacher, in: &graph)
        try graph.checkLogits(student: student, teacher: teacher)
        let largest = try graph.reduce(.maximum, teacher, axes: [1], keepDimensions: true)
        let chosen = try graph.add(Binary(.equal), teacher, largest)
        let ties = try graph.reduce(.sum, chosen, axes: [1], keepDimensions: true)
        let targets = try graph.divide(chosen, ties)
        let terms = try graph.multiply(targets, graph.logSoftmax(student, axis: 1))
        let perSample = try graph.reduce(.sum, terms, axes: [1], keepDimensions: false)
        return try graph.negate(graph.mean(perSample, weights: context.sampleWeights))
    }
}
