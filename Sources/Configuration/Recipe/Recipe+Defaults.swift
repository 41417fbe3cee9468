extension Recipe {
    /// What a recipe means where it is silent.
    package enum Defaults {
        /// The loss of a recipe that names no objective.
        ///
        /// Training: cross-entropy. Distilling: divergence of the class probabilities, correlation of each
        /// channel of the last maps, and their centred cosine, whose projector also puts the student's
        /// features into the teacher's space for measurements. `make methods` and `make recipe` compare them with
        /// others; correlations of the probabilities (DIST) alone fix no scale of the logits, and students of a
        /// thousand classes ended in one answer for everything.
        package static func objectives(for kind: Kind) -> [Objective] {
            switch kind {
            case .train: [Objective(.label, "cross-entropy", weight: 1)]
            case .distill:
                [
                    Objective(
                        .response, "kullback-leibler", weight: 1,
                        parameters: ["temperature": .number(1)]),
                    Objective(.feature, "pearson", weight: 10),
                    Objective(.feature, "centred-cosine", weight: 1),
                ]
            }
        }
    }
}
