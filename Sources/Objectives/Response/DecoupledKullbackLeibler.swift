package import Graphs
import Tensors

/// DKD: how sure the teacher is of the target class, and what it makes of the others, weighed apart.
///
/// `(T^2 / B) sum_b [a KL(b_t || b_s) + b KL(q_t || q_s)]`, `b = [p_y, 1 - p_y]` of p = softmax(z / T), q the
/// softmax over the classes but y. The target y is the sample's label where the run has labels, else the
/// teacher's most probable class, the first of equals: so it works without labels.
/// - Shapes: `[batch, classes]`, three classes or more.
/// - Parameters: `temperature` T, 4; `target` a, 1; `others` b, 8; `labels`, false: whether labels must be
///   there. The paper ramps the weight up over the first 20 epochs.
/// - Throws: `ObjectiveError.shape` for two classes: there is one other class, of which nothing is left to
///   say.
/// - Reference: Zhao et al. 2022, 2203.08679.
package struct DecoupledKullbackLeibler: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "decoupled"
    package static let summary =
        "divergence on the target class and on the others, weighed apart (DKD)"
    package static let usualWeight = 0.3

    package let taps: (student: String, teacher: String)
    package let temperature: Double
    package let target: Double
    package let others: Double
    package let needsLabels: Bool

    /// What is far below every logit, and still far from overflow.
    private static let lowest = -1e30

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "logits")
        temperature = try parameters.positive("temperature", default: 4)
        target = try parameters.number("target", default: 1, in: 0...1e6)
        others = try parameters.number("others", default: 8, in: 0...1e6)
        needsLabels = try parameters.flag("labels", default: false)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(
            student: [taps.student], teacher: [taps.teacher], labels: needsLabels)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let (student, teacher) = try context.logits(taps, in: &graph)
        let classes = graph.shape(of: student)[1]
        guard classes > 2 else {
            throw ObjectiveError(
                .shape,
                "needs three classes or more, got \(classes): beside the target there is but one, "
                    + "whose share is always 1; choose response/kullback-leibler")
        }
        let mask = try targets(teacher, context: context, in: &graph)
        let p = try split(teacher, mask: mask, in: &graph)
        let q = try split(student, mask: mask, in: &graph)
        let certainty = try graph.add(
            graph.multiply(graph.exponential(p.target), graph.subtract(p.target, q.target)),
            graph.multiply(graph.exponential(p.rest), graph.subtract(p.rest, q.rest)))
        let shares = try graph.reduce(
            .sum, graph.multiply(graph.exponential(p.others), graph.subtract(p.others, q.others)),
            axes: [1], keepDimensions: false)
        let perSample = try graph.add(
            graph.affine(certainty, scale: target), graph.affine(shares, scale: others))
        let mean = try graph.mean(perSample, weights: context.sampleWeights)
        return try graph.affine(mean, scale: temperature * temperature)
    }

    /// 1 at each sample's target, else 0.
    private func targets(
        _ teacher: Value, context: ObjectiveContext, in graph: inout Graph
    ) throws -> Value {
        let guess = try graph.firstOfLargest(teacher)
        guard let labels = context.labels else {
            guard !needsLabels else {
                throw ObjectiveError(
                    .missing,
                    "labels = true, but the data set gives none; leave it out to take the teacher's "
                        + "most probable class")
            }
            return guess
        }
        guard graph.shape(of: labels) == graph.shape(of: teacher) else {
            throw ObjectiveError(
                .shape,
                "the labels have shape \(graph.shape(of: labels)), the teacher's logits "
                    + "\(graph.shape(of: teacher))")
        }
        let labelled = try graph.reduce(.maximum, labels, axes: [1], keepDimensions: true)
        return try graph.select(labelled, graph.firstOfLargest(labels), guess)
    }

    /// Logarithms of the target's probability and of all others' together, `[batch]` each, and of each
    /// other's share, `[batch, classes]`.
    private func split(
        _ logits: Value, mask: Value, in graph: inout Graph
    ) throws -> (target: Value, rest: Value, others: Value) {
        let scaled = try graph.affine(logits, scale: 1 / temperature)
        let lowest = try graph.constant(Self.lowest)
        let logarithms = try graph.logSoftmax(scaled, axis: 1)
        let target = try graph.reduce(
            .sum, graph.multiply(mask, logarithms), axes: [1], keepDimensions: false)
        // log(1 - p) as a logarithm of a sum, which is finite where p is 1.
        let remaining = try graph.select(mask, lowest, logarithms)
        let largest = try graph.stopGradient(
            graph.reduce(.maximum, remaining, axes: [1], keepDimensions: true))
        let sum = try graph.reduce(
            .sum, graph.exponential(graph.subtract(remaining, largest)), axes: [1],
            keepDimensions: false)
        let rest = try graph.add(
            graph.logarithm(sum), graph.reshape(largest, [.copy(0)]))
        let others = try graph.logSoftmax(graph.select(mask, lowest, scaled), axis: 1)
        return (target, rest, others)
    }
}
