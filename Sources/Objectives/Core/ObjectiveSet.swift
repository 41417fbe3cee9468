package import Graphs
import Tensors

/// All objectives of a run: any number of them, added up.
///
/// `loss = sum_i weight_i factor_i loss_i`, the factor of an objective's schedule: 1, a ramp, or what balances
/// the gradients.
package struct ObjectiveSet: Sendable {
    package let configurations: [ObjectiveConfiguration]
    package let objectives: [any Objective]
    /// Lets doubtful answers of the teacher count less; nil: all samples count alike.
    package var gate: ConfidenceGate?
    /// What the objectives do otherwise than their names say, one sentence each.
    package let notes: [String]

    /// - Parameter registered: whether a pixel of one modality is the same point in the other; else maps are
    ///   compared by their means, and methods that are about positions are refused.
    /// - Throws: `ObjectiveError` of the registry, or `.parameter` for a weight that is negative or a ramp
    ///   without epochs.
    package init(
        _ configurations: [ObjectiveConfiguration], gate: ConfidenceGate? = nil,
        registered: Bool = true
    ) throws {
        for configuration in configurations
        where !(configuration.weight >= 0 && configuration.weight.isFinite) {
            throw ObjectiveError(
                .parameter, context: configuration.name,
                "weight is \(configuration.weight), expected 0 or more")
        }
        for configuration in configurations {
            guard case .ramp(let epochs) = configuration.schedule, epochs < 1 else { continue }
            throw ObjectiveError(
                .parameter, context: configuration.name,
                "the weight's ramp takes \(epochs) epochs, expected 1 or more")
        }
        self.configurations = configurations
        self.gate = gate
        guard !registered else {
            objectives = try configurations.map(ObjectiveRegistry.make)
            notes = []
            return
        }
        let made = try configurations.map(ObjectiveRegistry.makeUnregistered)
        objectives = made.map(\.objective)
        notes = made.filter(\.isPooled).map {
            "\($0.objective.name) compares means over all positions, because the data set's modalities are "
                + "not registered"
        }
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

    /// What `weightFeeds` are at a step, counted from 0, under the objectives' schedules.
    package func weightFeeds(step: Int, stepsPerEpoch: Int) -> [String: Double] {
        var feeds: [String: Double] = [:]
        for (index, configuration) in configurations.enumerated() {
            feeds[Self.weightInput(index)] =
                configuration.weight
                * configuration.schedule.factor(step: step, stepsPerEpoch: stepsPerEpoch)
        }
        return feeds
    }

    /// The outputs that carry the unweighted losses, in order: `loss.0.kullback-leibler`, ...
    package var outputNames: [String] {
        configurations.enumerated().map { "loss.\($0.offset).\($0.element.method)" }
    }

    /// The objectives whose weight is balanced, by index, and the outputs that carry what it comes to:
    /// `loss.0.weight`, ...
    package var balancedWeightOutputs: [(index: Int, name: String)] {
        configurations.enumerated().filter { $0.element.schedule == .balanced }
            .map { ($0.offset, Self.weightInput($0.offset)) }
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
        var losses: [Value] = []
        for (index, objective) in objectives.enumerated() {
            let loss = try naming(objective.name) {
                try graph.scoped("objective.\(index)") {
                    try objective.add(to: &$0, context: context)
                }
            }
            precondition(graph.shape(of: loss) == .scalar, "\(objective.name) is a scalar")
            graph.output(outputNames[index], loss)
            losses.append(loss)
        }
        let weights = try weights(of: losses, context: context, in: &graph)
        var total: Value?
        for (weight, loss) in zip(weights, losses) {
            let term = try graph.multiply(weight, loss)
            total = try total.map { try graph.add($0, term) } ?? term
        }
        guard let total else { throw ObjectiveError(.missing, "there is no objective") }
        graph.output(Self.totalOutput, total)
        return total
    }

    /// The weight of each loss: the fed one, times its factor where it is balanced.
    private func weights(
        of losses: [Value], context: ObjectiveContext, in graph: inout Graph
    ) throws -> [Value] {
        var weights = try losses.indices.map { try graph.input(Self.weightInput($0), .scalar) }
        let balanced = balancedWeightOutputs
        guard !balanced.isEmpty else { return weights }
        let balance = GradientBalance(shared: try? context.student("features", in: graph))
        let terms = try balanced.map { index, _ in
            let taps = objectives[index].requirements(registered: context.registered).student
            return GradientBalance.Term(
                scope: "objective.\(index)", loss: losses[index],
                taps: try taps.sorted().map { try context.student($0, in: graph) })
        }
        let factors = try naming("balanced weights") {
            try balance.factors(terms, in: &graph)
        }
        for ((index, name), factor) in zip(balanced, factors) {
            weights[index] = try graph.multiply(weights[index], factor)
            graph.output(name, weights[index])
        }
        return weights
    }

    /// How the states are called that the finished student keeps: the projector before a reused classifier;
    /// nil: it keeps none.
    package var keptScope: String? {
        objectives.firstIndex { $0 is ClassifierReuse }.map { "objective.\($0)." }
    }

    private var isGated: Bool { objectives.contains { type(of: $0).weighsSamples } }
}
