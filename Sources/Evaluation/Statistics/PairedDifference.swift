extension ConfidenceInterval {
    /// The interval of how much better one model is than another on the same samples or seeds.
    ///
    /// By resampling the differences: what makes a sample hard for both models cancels, so that the interval is
    /// narrower than the two models' own.
    /// - Parameters:
    ///   - first: One value a sample, such as 1 for a hit and 0 for a miss.
    ///   - second: The other model's, of the same samples in the same order.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func pairedDifference(
        _ first: [Double], _ second: [Double], confidence: Double = 0.95, resamples: Int = 1000,
        seed: UInt64 = 0
    ) throws -> ConfidenceInterval {
        try Requirement.equal(
            second.count, first.count, of: "values", metric: "paired difference")
        return try bootstrap(
            zip(first, second).map { $0 - $1 }, confidence: confidence, resamples: resamples,
            seed: seed)
    }

    /// Whether the interval leaves zero out.
    package var excludesZero: Bool { low > 0 || high < 0 }
}
