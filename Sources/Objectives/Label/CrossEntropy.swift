package import Graphs
import Tensors

/// Cross-entropy with labels.
///
/// `-(1/n) sum_b sum_k y'_bk log softmax(z_s)_bk`, `y' = (1 - e) y + e/K`, over the n samples that have a
/// label.
/// - Parameters: `label_smoothing` e, 0.
package struct CrossEntropy: Objective {
    package static let knowledge = Knowledge.label
    package static let method = "cross-entropy"
    package static let summary = "cross-entropy with given labels"

    package let tap: String
    package let smoothing: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        tap = taps.student ?? "logits"
        smoothing = try parameters.number("label_smoothing", default: 0, in: 0...0.999)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(student: [tap], labels: true)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        guard let labels = context.labels else {
            throw ObjectiveError(
                .missing, "needs labels, the data set gives none; choose a response objective")
        }
        let logits = try context.student(tap, in: graph)
        let shape = graph.shape(of: logits)
        guard shape.rank == 2, shape == graph.shape(of: labels) else {
            throw ObjectiveError(
                .shape,
                "the student's `\(tap)` has shape \(shape), the labels \(graph.shape(of: labels)); "
                    + "both are [batch, classes]")
        }
        let perRow = try graph.reduce(.sum, labels, axes: [1], keepDimensions: true)
        var targets = labels
        if smoothing > 0 {
            targets = try graph.add(
                graph.affine(labels, scale: 1 - smoothing, offset: 0),
                graph.affine(perRow, scale: smoothing / Double(shape[1]), offset: 0))
        }
        let logarithms = try graph.logSoftmax(graph.finiteLogits(logits), axis: 1)
        let terms = try graph.multiply(targets, logarithms)
        let sum = try graph.reduce(.sum, terms, axes: [0, 1], keepDimensions: false)
        let labelled = try graph.reduce(.sum, perRow, axes: [0, 1], keepDimensions: false)
        return try graph.negate(graph.divide(sum, graph.atLeast(labelled, 1)))
    }
}
