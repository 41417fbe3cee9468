extension MetricReport {
    /// The most weights that a linear probe is fitted with: beyond, its hundreds of steps take minutes.
    package static let greatestLinearProbe = 500_000

    /// What simple classifiers make of frozen features: `linear_probe`, `ridge_probe` and
    /// `nearest_neighbours` (k = 20), accuracies on samples that they were not fitted to.
    ///
    /// The linear probe is left out where it has more than ``greatestLinearProbe`` weights.
    /// - Parameters:
    ///   - known: `[samples, columns]`, to which the classifiers are fitted, with its labels.
    ///   - fresh: On which they are measured.
    /// - Throws: ``EvaluationError``.
    package static func probes(
        known: FeatureMatrix, knownLabels: [Int], fresh: FeatureMatrix, freshLabels: [Int],
        classes: Int
    ) throws -> MetricReport {
        var report = MetricReport()
        let weights = classes * (known.columns + 1)
        func measure(_ name: String, _ predictions: [Int]) throws {
            report.set(
                name, meanOf: try Metrics.hits(predictions: predictions, labels: freshLabels))
        }
        if weights <= greatestLinearProbe {
            let linear = try LogisticProbe(features: known, labels: knownLabels, classes: classes)
            try measure("linear_probe", linear.predictions(fresh))
        }
        let ridge = try RidgeProbe(features: known, labels: knownLabels, classes: classes)
        try measure("ridge_probe", ridge.predictions(fresh))
        let neighbours = try Metrics.nearestNeighbourPredictions(
            labelled: known, labels: knownLabels, classes: classes, queries: fresh)
        try measure("nearest_neighbours", neighbours)
        return report
    }
}
