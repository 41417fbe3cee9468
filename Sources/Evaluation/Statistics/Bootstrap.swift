import Tensors

extension ConfidenceInterval {
    /// The interval of a mean over samples, such as hits of a classifier, by resampling them.
    ///
    /// - Parameters:
    ///   - samples: One value a sample, such as 1 for a hit and 0 for a miss.
    ///   - resamples: How many sets are drawn, with replacement.
    ///   - seed: Equal seeds give equal intervals.
    /// - Throws: ``EvaluationError`` `noSamples`.
    /// - Reference: Efron, Tibshirani 1993, "An introduction to the bootstrap" (percentile form).
    package static func bootstrap(
        _ samples: [Double], confidence: Double = 0.95, resamples: Int = 1000, seed: UInt64 = 0
    ) throws -> ConfidenceInterval {
        precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
        precondition(resamples > 0, "a bootstrap draws at least one set")
        try Requirement.samples(samples.count, metric: "bootstrap interval")
        var random = SeededGenerator(seed: seed, name: "bootstrap")
        var means = (0..<resamples).map { _ in
            samples.indices.reduce(0.0) { sum, _ in
                sum + samples[Int.random(in: samples.indices, using: &random)]
            } / Double(samples.count)
        }
        means.sort()
        func percentile(_ share: Double) -> Double {
            means[min(resamples - 1, max(0, Int((share * Double(resamples - 1)).rounded())))]
        }
        return ConfidenceInterval(
            mean: samples.reduce(0, +) / Double(samples.count),
            low: percentile((1 - confidence) / 2), high: percentile((1 + confidence) / 2))
    }
}
