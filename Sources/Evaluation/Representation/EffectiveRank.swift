extension Metrics {
    /// How many directions the centred features fill: `exp(-sum p log p)` with `p` the singular
    /// values divided by their sum; from 1 to the smaller of rows and columns, 0 for constant ones.
    ///
    /// The singular values are the roots of the eigenvalues of the smaller product matrix.
    /// - Throws: ``EvaluationError`` `noSamples`, `notFinite`, `algebraFailed`.
    /// - Reference: Roy, Vetterli 2007, "The effective rank"; Garrido et al. 2023, "RankMe",
    ///   arXiv:2210.02885.
    package static func effectiveRank(_ features: FeatureMatrix) throws -> Double {
        try Requirement.samples(features.rows, metric: "effective rank")
        try Requirement.finite(features, metric: "effective rank")
        let product =
            features.rows < features.columns
            ? CrossProduct.gram(features) : CrossProduct.covariance(features)
        let eigenvalues = try product.eigenvalues()
        let total = features.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard let greatest = eigenvalues.last, greatest > 1e-13 * total else { return 0 }
        // Eigenvalues below rounding are no directions.
        let singular = eigenvalues.filter { $0 > 1e-13 * greatest }.map { $0.squareRoot() }
        let sum = singular.reduce(0, +)
        let entropy = singular.reduce(0.0) { partial, value in
            partial - value / sum * Numeric.logarithm(value / sum)
        }
        return Numeric.exponential(entropy)
    }
}
