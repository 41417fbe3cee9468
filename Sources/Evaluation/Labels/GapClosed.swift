extension Metrics {
    /// How much of the way from few labels to all labels distillation went:
    /// `(distilled - few) / (oracle - few)`; nil where the oracle is no better than few labels.
    package static func gapClosed(distilled: Double, few: Double, oracle: Double) -> Double? {
        oracle > few ? (distilled - few) / (oracle - few) : nil
    }

    /// The same over several seeds: each seed's own gap, then the interval over the seeds.
    ///
    /// - Returns: nil where a seed's oracle is no better than its few labels.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func gapClosed(
        distilled: [Double], few: [Double], oracle: [Double], confidence: Double = 0.95
    ) throws -> ConfidenceInterval? {
        let metric = "gap closed"
        try Requirement.equal(few.count, distilled.count, of: "seeds", metric: metric)
        try Requirement.equal(oracle.count, distilled.count, of: "seeds", metric: metric)
        let gaps = distilled.indices.compactMap {
            gapClosed(distilled: distilled[$0], few: few[$0], oracle: oracle[$0])
        }
        guard gaps.count == distilled.count else { return nil }
        return try ConfidenceInterval.studentT(gaps, confidence: confidence)
    }
}
