import Objectives

extension ObjectiveConfiguration {
    /// Cross-entropy alone.
    static let training = [ObjectiveConfiguration(knowledge: "label", method: "cross-entropy")]

    /// A response, a feature and a relation together.
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
