package import Graphs
package import Modalities
package import Networks
package import Objectives
package import Tensors

/// The whole training step as one graph: encoding, student, losses, gradients, update, averages.
///
/// Inputs: the modality's name `[batch, channels, size, size]` in physical units, `labels`
/// `[batch, classes]`, `teacher.TAP` `[batch, ...]` with `.mean` and `.std`, `learning.rate`,
/// `loss.I.weight`, `ema.decay` where averages are kept, and `sample.index` `[batch]` and
/// `sample.negatives` where objectives keep memories. Outputs: `loss.total`, one for each
/// objective, `gradient.norm`.
package struct TrainingGraph {
    package static let learningRate = "learning.rate"
    package static let labels = "labels"

    package let graph: Graph
    package let descriptor: NetworkDescriptor
    /// The states that the finished student consists of, and whether each has an average.
    package let averaged: [String]

    /// Everything that shapes the graph.
    package struct Specification {
        package var descriptor: NetworkDescriptor
        package var plugin: ModalityPlugin
        package var batch: Int
        package var objectives: ObjectiveSet
        package var registered: Bool
        /// How many samples the run learns from: what objectives with a memory need to know.
        package var samples: Int
        /// Shapes of the teacher's taps without the batch; empty without a teacher.
        package var teacher: [String: Shape]
        package var optimizer: any Optimizer
        /// nil: no averages.
        package var average: ExponentialMovingAverage?
    }

    package init(_ specification: Specification) throws {
        var graph = Graph()
        let descriptor = specification.descriptor
        let plugin = specification.plugin
        let size = descriptor.input.size
        let batch = specification.batch
        let input = try graph.input(descriptor.modality, [batch, plugin.channels, size, size])
        let encoded = try graph.encode(input, with: plugin, encoding: descriptor.encoding)
        _ = try descriptor.build(into: &graph, encoded: encoded, training: true)
        let requirements = specification.objectives.requirements(
            registered: specification.registered,
            teacherHasLogits: specification.teacher["logits"] != nil)
        var shapes: [String: Shape] = [:]
        for (tap, shape) in specification.teacher {
            shapes[tap] = Shape([batch] + shape.dimensions)
        }
        var context = try ObjectiveContext.declaringInputs(
            for: requirements, shapes: shapes, samples: specification.samples, in: &graph)
        context.registered = specification.registered
        if requirements.labels {
            context.labels = try graph.input(
                TrainingGraph.labels, [batch, max(1, descriptor.classes.count)])
        }
        let total = try specification.objectives.add(to: &graph, context: context)
        let rate = try graph.input(TrainingGraph.learningRate, .scalar)
        try specification.optimizer.minimize(total, learningRate: rate, in: &graph)
        let kept = specification.objectives.keptScope
        averaged =
            try specification.average?.apply(to: &graph) { state in
                !state.name.hasPrefix("objective.") || kept.map(state.name.hasPrefix) ?? false
            } ?? []
        self.graph = graph
        self.descriptor = descriptor
    }
}
