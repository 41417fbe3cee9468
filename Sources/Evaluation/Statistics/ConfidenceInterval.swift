/// A mean with the range that holds the true one at some level of confidence.
package struct ConfidenceInterval: Sendable, Equatable {
    package var mean: Double
    package var low: Double
    package var high: Double

    /// The interval over a few runs, such as seeds, by Student's t: `mean +- t s / sqrt(n)`.
    ///
    /// One run has no spread: the interval is the whole line.
    /// - Throws: ``EvaluationError`` `noSamples`.
    package static func studentT(
        _ runs: [Double], confidence: Double = 0.95
    ) throws -> ConfidenceInterval {
        precondition(confidence > 0 && confidence < 1, "confidence lies between 0 and 1")
        try Requirement.samples(runs.count, metric: "confidence interval")
        let count = Double(runs.count)
        let mean = runs.reduce(0, +) / count
        guard runs.count > 1 else {
            return ConfidenceInterval(mean: mean, low: -.infinity, high: .infinity)
        }
        let variance = runs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let quantile = StudentT(degreesOfFreedom: count - 1).quantile((1 + confidence) / 2)
        let margin = quantile * (variance / count).squareRoot()
        return ConfidenceInterval(mean: mean, low: mean - margin, high: mean + margin)
    }
}
