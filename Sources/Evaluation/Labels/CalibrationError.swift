extension Metrics {
    /// The expected calibration error: `sum over bins of share * |accuracy - mean confidence|`.
    ///
    /// The confidence is the greatest softmax probability; bins are equal in width.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    /// - Reference: Guo, Pleiss, Sun, Weinberger 2017, "On calibration of modern neural networks".
    package static func expectedCalibrationError(
        logits: FeatureMatrix, labels: [Int], bins: Int = 15
    ) throws -> Double {
        precondition(bins > 0, "calibration needs at least one bin")
        let metric = "expected calibration error"
        try Requirement.samples(labels.count, metric: metric)
        try Requirement.equal(logits.rows, labels.count, of: "rows of logits", metric: metric)
        try Requirement.finite(logits, metric: metric)
        var confidences = [Double](repeating: 0, count: bins)
        var hits = [Double](repeating: 0, count: bins)
        for (row, prediction) in predictions(logits).enumerated() {
            let confidence = Numeric.exponential(logSoftmax(logits[row: row])[prediction])
            let bin = min(bins - 1, Int(confidence * Double(bins)))
            confidences[bin] += confidence
            hits[bin] += prediction == labels[row] ? 1 : 0
        }
        let gap = zip(confidences, hits).reduce(0) { $0 + abs($1.0 - $1.1) }
        return gap / Double(labels.count)
    }
}
