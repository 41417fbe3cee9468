/// One `[[objective]]` of a recipe.
package struct ObjectiveConfiguration: Sendable, Hashable {
    /// `label`, `response`, `feature` or `relation`.
    package var knowledge: String
    package var method: String
    /// Its share of the total loss.
    package var weight: Double
    package var schedule: WeightSchedule
    package var taps: ObjectiveTaps
    package var parameters: [String: ParameterValue]

    package init(
        knowledge: String, method: String, weight: Double = 1,
        schedule: WeightSchedule = .constant, taps: ObjectiveTaps = ObjectiveTaps(),
        parameters: [String: ParameterValue] = [:]
    ) {
        self.knowledge = knowledge
        self.method = method
        self.weight = weight
        self.schedule = schedule
        self.taps = taps
        self.parameters = parameters
    }

    package var name: String { "\(knowledge)/\(method)" }

    /// What a recipe of kind `train` uses if it names nothing.
    package static let training = [
        ObjectiveConfiguration(knowledge: "label", method: "cross-entropy")
    ]

    /// What a recipe of kind `distill` uses if it names nothing.
    package static let distillation = [
        ObjectiveConfiguration(
            knowledge: "response", method: "kullback-leibler",
            parameters: ["temperature": .number(2)]),
        ObjectiveConfiguration(knowledge: "feature", method: "centred-cosine"),
        ObjectiveConfiguration(
            knowledge: "relation", method: "cosine-gram", weight: 0.5,
            parameters: ["temperature": .number(0.1)]),
    ]
}
