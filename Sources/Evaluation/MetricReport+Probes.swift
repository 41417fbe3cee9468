extension MetricReport {
    /// What simple classifiers make of frozen features: `linear_probe`, `ridge_probe` and
    /// `nearest_neighbours` (k = 20), accuracies on samples that they were not fitted to.
    ///
    /// - Parameters:
    ///   - known: `[samples, columns]`, to which the classifiers are fitted, with its labels.
    ///   - fresh: On which they are measured.
    /// - Throws: ``EvaluationError``.
    package static func probes(
        known: FeatureMatrix, knownLabels: [Int], fresh: FeatureMatrix, freshLabels: [Int],
        classes: Int
    ) throws -> MetricReport {
        var report = MetricReport()
        let linear = try LogisticProbe(features: known, labels: knownLabels, classes: classes)
        report["linear_probe"] = try Metrics.accuracy(
            predictions: linear.predictions(fresh), labels: freshLabels)
        let ridge = try RidgeProbe(features: known, labels: knownLabels, classes: classes)
        report["ridge_probe"] = try Metrics.accuracy(
            predictions: ridge.predictions(fresh), labels: freshLabels)
        let neighbours = try Metrics.nearestNeighbourPredictions(
            labelled: known, labels: knownLabels, classes: classes, queries: fresh)
        report["nearest_neighbours"] = try Metrics.accuracy(
            predictions: neighbours, labels: freshLabels)
        return report
    }
}
