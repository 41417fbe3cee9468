extension Recipe {
    /// What a recipe means where it is silent.
    package enum Defaults {
        /// The loss of a recipe that names no objective.
        ///
        /// Training: cross-entropy. Distilling: Kullback-Leibler divergence of the logits at
        /// temperature 2, centred cosine of the last feature maps, and the relation between samples
        /// at half weight.
        package static func objectives(for kind: Kind) -> [Objective] {
            switch kind {
            case .train: [Objective(.label, "cross-entropy", weight: 1)]
            case .distill:
                [
                    Objective(
                        .response, "kullback-leibler", weight: 1,
                        parameters: ["temperature": .number(2)]),
                    Objective(.feature, "centred-cosine", weight: 1),
                    Objective(
                        .relation, "cosine-gram", weight: 0.5,
                        parameters: ["temperature": .number(0.1)]),
                ]
            }
        }
    }
}
