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
}
