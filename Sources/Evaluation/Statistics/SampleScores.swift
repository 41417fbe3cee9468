/// What each sample adds to one metric that is a mean over samples, such as 1 for a hit.
package struct SampleScores: Sendable, Equatable {
    /// Which samples, each once.
    package let samples: [Int64]
    /// One value a sample.
    package let values: [Double]

    package init(samples: [Int64], values: [Double]) {
        precondition(samples.count == values.count, "one value a sample")
        self.samples = samples
        self.values = values
    }

    /// The metric's interval by resampling the samples.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`.
    package func interval(confidence: Double = 0.95) throws -> ConfidenceInterval {
        try ConfidenceInterval.bootstrap(values, confidence: confidence)
    }

    /// How much higher these scores are than another model's, on the samples that both have.
    ///
    /// - Returns: the number of common samples and the interval of the difference; nil where there are none.
    /// - Throws: ``EvaluationError``.
    package func difference(
        to baseline: SampleScores, confidence: Double = 0.95
    ) throws -> (samples: Int, interval: ConfidenceInterval)? {
        let theirs = Dictionary(
            zip(baseline.samples, baseline.values), uniquingKeysWith: { first, _ in first })
        let pairs = zip(samples, values).compactMap { sample, value in
            theirs[sample].map { (value, $0) }
        }
        guard !pairs.isEmpty else { return nil }
        return (
            pairs.count,
            try ConfidenceInterval.pairedDifference(
                pairs.map(\.0), pairs.map(\.1), confidence: confidence)
        )
    }
}
