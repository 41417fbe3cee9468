/// A linear classifier on frozen features, fitted in closed form: ``RidgeRegression`` of one-hot targets.
package struct RidgeProbe: Sendable {
    private let regression: RidgeRegression

    package var classes: Int { regression.outputs }

    /// - Parameters:
    ///   - features: `[samples, columns]`.
    ///   - strength: The ridge in units of a standardised feature's variance.
    /// - Throws: ``EvaluationError``.
    package init(
        features: FeatureMatrix, labels: [Int], classes: Int, strength: Double = 0.1
    ) throws {
        let metric = "ridge probe"
        try Requirement.samples(features.rows, metric: metric)
        try Requirement.equal(labels.count, features.rows, of: "labels", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        var targets = [Float](repeating: 0, count: labels.count * classes)
        for (row, label) in labels.enumerated() { targets[row * classes + label] = 1 }
        regression = try RidgeRegression(
            features: features,
            targets: FeatureMatrix(rows: labels.count, columns: classes, values: targets),
            strength: strength)
    }

    /// One class a row.
    ///
    /// - Throws: ``EvaluationError`` `sizeMismatch`, `notFinite`.
    package func predictions(_ features: FeatureMatrix) throws -> [Int] {
        Metrics.predictions(try regression(features))
    }
}
