extension Recipe {
    /// What a recipe means where it is silent.
    package enum Defaults {
        /// The loss of a recipe that names no objective.
        ///
        /// Training: cross-entropy. Distilling: correlations of the class probabilities, correlation of each
        /// channel of the last maps, and their centred cosine, whose projector also puts the student's
        /// features into the teacher's space for measurements. `make methods` compares them with others.
        package static func objectives(for kind: Kind) -> [Objective] {
            switch kind {
            case .train: [Objective(.label, "cross-entropy", weight: 1)]
            case .distill:
                [
                    Objective(.response, "dist", weight: 3),
                    Objective(.feature, "pearson", weight: 10),
                    Objective(.feature, "centred-cosine", weight: 1),
                ]
            }
        }
    }
}
