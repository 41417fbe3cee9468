import Graphs
import Networks
import Objectives
import Tensors

/// The training graphs of the loss curves: a ResNet-18, its objectives and their minimisation.
struct LossCurveGraph {
    let graph: Graph
    let schedule: CosineSchedule
    /// Values of the scalar inputs that weigh the objectives.
    let weights: [String: Double]

    init(_ workload: String, _ reference: LossCurveReference) throws {
        var graph = Graph()
        let image = try graph.input("image", [reference.batch, 3, reference.size, reference.size])
        _ = try ResidualNetwork.resnet18.build(
            into: &graph, input: image,
            options: BuildOptions(classes: reference.classes, training: true))
        let objectives = try Self.objectives(workload)
        let requirements = objectives.requirements(registered: true)
        let shapes: [String: Shape] = [
            "logits": [reference.batch, reference.classes],
            "features": [reference.batch, reference.teacherChannels, 1, 1],
            "pooled": [reference.batch, reference.teacherChannels],
        ]
        var context = try ObjectiveContext.declaringInputs(
            for: requirements, shapes: shapes, in: &graph)
        if requirements.labels {
            context.labels = try graph.input("labels", [reference.batch, reference.classes])
        }
        let loss = try objectives.add(to: &graph, context: context)
        graph.output("loss", loss)
        let rate = try graph.input("rate", .scalar)
        try NesterovSGD(
            momentum: reference.momentum, weightDecay: reference.weightDecay,
            gradientClip: reference.gradientClip
        ).minimize(loss, learningRate: rate, in: &graph)
        self.graph = graph
        weights = objectives.weightFeeds
        schedule = CosineSchedule(
            peak: reference.peak, steps: reference.steps, warmUp: reference.warmUp)
    }

    private static func objectives(_ workload: String) throws -> ObjectiveSet {
        switch workload {
        case "training":
            try ObjectiveSet([ObjectiveConfiguration(knowledge: "label", method: "cross-entropy")])
        case "distillation":
            try ObjectiveSet([
                ObjectiveConfiguration(
                    knowledge: "response", method: "kullback-leibler",
                    parameters: ["temperature": .number(4)]),
                ObjectiveConfiguration(knowledge: "feature", method: "centred-cosine"),
            ])
        default:
            try ObjectiveSet(ObjectiveConfiguration.distillation, gate: ConfidenceGate())
        }
    }
}

extension ObjectiveConfiguration {
    /// The losses of the fixture: a response, a feature and a relation.
    static let distillation = [
        ObjectiveConfiguration(
            knowledge: "response", method: "kullback-leibler",
            parameters: ["temperature": .number(2)]),
        ObjectiveConfiguration(knowledge: "feature", method: "centred-cosine"),
        ObjectiveConfiguration(
            knowledge: "relation", method: "cosine-gram", weight: 0.5,
            parameters: ["temperature": .number(0.1)]),
    ]
}
