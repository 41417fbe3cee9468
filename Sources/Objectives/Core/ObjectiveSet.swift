package import Graphs
import Tensors

/// All objectives of a run: any number of them, added up.
///
/// `loss = sum_i weight_i loss_i`
package struct ObjectiveSet: Sendable {
    package let configurations: [ObjectiveConfiguration]
    package let objectives: [any Objective]
    /// Lets doubtful answers of the teacher count less; nil: all samples count alike.
    package var gate: ConfidenceGate?

    /// - Throws: `ObjectiveError` of the registry, or `.parameter` for a weight that is negative.
    package init(
        _ configurations: [ObjectiveConfiguration], gate: ConfidenceGate? = nil
    ) throws {
        for configuration in configurations
        where !(configuration.weight >= 0 && configuration.weight.isFinite) {
            throw ObjectiveError(
                .parameter, context: configuration.name,
                "weight is \(configuration.weight), expected 0 or more")
        }
        self.configurations = configurations
        self.gate = gate
        objectives = try configurations.map(ObjectiveRegistry.make)
    }

    /// What all of them need together.
    ///
    /// The gate adds the teacher's logits if `teacherHasLogits`; without logits there is no gate.
    package func requirements(
        registered: Bool, teacherHasLogits: Bool = true
    ) -> ObjectiveRequirements {
        let own = objectives.map { $0.requirements(registered: registered) }
            .reduce(ObjectiveRequirements()) { $0.union($1) }
        guard gate != nil, teacherHasLogits, isGated else { return own }
        return own.union(ObjectiveRequirements(teacher: ["logits"]))
    }

    /// The scalar inputs by which weights are fed, with the recipe's values: `loss.0.weight`, ...
    package var weightFeeds: [String: Double] {
        var feeds: [String: Double] = [:]
        for (index, configuration) in configurations.enumerated() {
            feeds[Self.weightInput(index)] = configuration.weight
        }
        return feeds
    }

    /// The outputs that carry the unweighted losses, in order: `loss.0.kullback-leibler`, ...
    package var outputNames: [String] {
        configurations.enumerated().map { "loss.\($0.offset).\($0.element.method)" }
    }

    package static let totalOutput = "loss.total"
    package static func weightInput(_ index: Int) -> String { "loss.\(index).weight" }

    /// Appends every loss, their outputs and the total.
    ///
    /// Each weight is an input, see `weightFeeds`. States of objective i are called `objective.i. ...`.
    /// - Returns: the total, a scalar, which is also the output `loss.total`.
    /// - Throws: `ObjectiveError`, `GraphError`.
    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        guard !objectives.isEmpty else {
            throw ObjectiveError(
                .missing, context: "recipe", "there is no objective; add an [[objective]]")
        }
        var context = context
        if let gate, isGated, context.teacher["logits"] != nil {
            let logits = try context.teacher("logits", in: &graph)
            let confidence = try gate.weights(logits: logits, in: &graph)
            context.sampleWeights =
                try context.sampleWeights.map {
                    try graph.multiply($0, confidence)
                } ?? confidence
        }
        var total: Value?
        for (index, objective) in objectives.enumerated() {
            let loss = try naming(objective.name) {
                try graph.scoped("objective.\(index)") {
                    try objective.add(to: &$0, context: context)
                }
            }
            precondition(graph.shape(of: loss) == .scalar, "\(objective.name) is a scalar")
            graph.output(outputNames[index], loss)
            let weight = try graph.input(Self.weightInput(index), .scalar)
            let term = try graph.multiply(weight, loss)
            total = try total.map { try graph.add($0, term) } ?? term
        }
        guard let total else { throw ObjectiveError(.missing, "there is no objective") }
        graph.output(Self.totalOutput, total)
        return total
    }

    private var isGated: Bool {
        objectives.contains {
            type(of: $0).knowledge == .response || type(of: $0).knowledge == .feature
        }
    }
}
