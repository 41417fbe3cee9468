extension Metrics {
    /// Linear centred kernel alignment, `|Y^T X|^2 / (|X^T X| |Y^T Y|)` with Frobenius norms and
    /// centred columns: 1 for features equal up to rotation and scale, 0 for unrelated or constant
    /// ones. The widths may differ.
    ///
    /// Computed over features or over samples, whichever matrices are smaller.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    /// - Reference: Kornblith, Norouzi, Lee, Hinton 2019, "Similarity of neural network
    ///   representations revisited", arXiv:1905.00414.
    package static func linearCKA(_ first: FeatureMatrix, _ second: FeatureMatrix) throws -> Double
    {
        try Requirement.pair(first, second, sameWidth: false, metric: "linear CKA")
        let cross: Double
        let own: Double
        let other: Double
        if first.rows < max(first.columns, second.columns) {
            let firstGram = CrossProduct.gram(first).values
            let secondGram = CrossProduct.gram(second).values
            cross = CrossProduct.inner(firstGram, secondGram)
            own = CrossProduct.inner(firstGram, firstGram).squareRoot()
            other = CrossProduct.inner(secondGram, secondGram).squareRoot()
        } else {
            let between = CrossProduct.centered(first, second)
            let within = CrossProduct.centered(first, first)
            let withinOther = CrossProduct.centered(second, second)
            cross = CrossProduct.inner(between, between)
            own = CrossProduct.inner(within, within).squareRoot()
            other = CrossProduct.inner(withinOther, withinOther).squareRoot()
        }
        guard varies(own, first), varies(other, second) else { return 0 }
        return min(1, cross / (own * other))
    }

    /// Whether a spread is more than what rounding leaves of constant columns.
    private static func varies(_ spread: Double, _ matrix: FeatureMatrix) -> Bool {
        let total = matrix.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        return spread > 1e-24 * total
    }
}
