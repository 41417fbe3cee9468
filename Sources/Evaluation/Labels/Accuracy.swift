extension Metrics {
    /// The share of predictions that equal their label.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func accuracy(predictions: [Int], labels: [Int]) throws -> Double {
        try hits(predictions: predictions, labels: labels).reduce(0, +) / Double(labels.count)
    }

    /// 1 for each prediction that equals its label, else 0.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func hits(predictions: [Int], labels: [Int]) throws -> [Double] {
        try Requirement.samples(labels.count, metric: "accuracy")
        try Requirement.equal(
            predictions.count, labels.count, of: "predictions", metric: "accuracy")
        return zip(predictions, labels).map { $0 == $1 ? 1 : 0 }
    }

    /// Accuracy over each value of an attribute, such as pairs whose colour contradicts the class.
    package struct Slice: Sendable, Equatable {
        package var count: Int
        package var accuracy: Double
    }

    /// Accuracy by the value of an attribute; values that no sample has are absent.
    ///
    /// - Parameter attribute: One value a sample.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`.
    package static func accuracy(
        predictions: [Int], labels: [Int], by attribute: [String]
    ) throws -> [String: Slice] {
        let metric = "accuracy by attribute"
        try Requirement.samples(labels.count, metric: metric)
        try Requirement.equal(predictions.count, labels.count, of: "predictions", metric: metric)
        try Requirement.equal(attribute.count, labels.count, of: "attribute values", metric: metric)
        var right: [String: Int] = [:]
        var total: [String: Int] = [:]
        for sample in labels.indices {
            total[attribute[sample], default: 0] += 1
            if predictions[sample] == labels[sample] { right[attribute[sample], default: 0] += 1 }
        }
        return Dictionary(
            uniqueKeysWithValues: total.map { value, count in
                (value, Slice(count: count, accuracy: Double(right[value] ?? 0) / Double(count)))
            })
    }

    /// The share of rows whose label is among the `k` greatest logits.
    ///
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `labelOutOfRange`.
    package static func topAccuracy(
        _ k: Int, logits: FeatureMatrix, labels: [Int]
    ) throws -> Double {
        let metric = "top-\(k) accuracy"
        try Requirement.samples(labels.count, metric: metric)
        try Requirement.equal(logits.rows, labels.count, of: "rows of logits", metric: metric)
        try Requirement.labels(labels, below: logits.columns, metric: metric)
        let hits = labels.indices.count { row in
            let scores = logits[row: row]
            let own = scores.startIndex + labels[row]
            let before = scores.indices.count {
                scores[$0] > scores[own] || (scores[$0] == scores[own] && $0 < own)
            }
            return before < k
        }
        return Double(hits) / Double(labels.count)
    }
}
