extension Metrics {
    /// The share of samples for which two models name the same class.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func agreement(_ first: [Int], _ second: [Int]) throws -> Double {
        try Requirement.samples(first.count, metric: "agreement")
        try Requirement.equal(second.count, first.count, of: "predictions", metric: "agreement")
        return Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
    }

    /// The share of samples whose class stays when the picture is flipped.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func flipConsistency(
        logits: FeatureMatrix, flippedLogits: FeatureMatrix
    ) throws -> Double {
        try Requirement.samples(logits.rows, metric: "flip consistency")
        try Requirement.equal(
            flippedLogits.rows, logits.rows, of: "rows", metric: "flip consistency")
        return try agreement(predictions(logits), predictions(flippedLogits))
    }
}
