extension Metrics {
    /// Agreement beyond chance: `(p_o - p_e) / (1 - p_e)`.
    ///
    /// `p_e` is the agreement of independent models with the same class frequencies. Where both
    /// models name one and the same class throughout, nothing speaks for agreement beyond chance: 0.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `labelOutOfRange`.
    /// - Reference: Cohen 1960, "A coefficient of agreement for nominal scales".
    package static func cohensKappa(
        _ first: [Int], _ second: [Int], classes: Int
    ) throws -> Double {
        try Requirement.samples(first.count, metric: "Cohen's kappa")
        let table = try ConfusionMatrix(predictions: second, labels: first, classes: classes)
        let total = Double(table.total)
        var observed = 0.0
        var expected = 0.0
        for each in 0..<classes {
            observed += Double(table[label: each, prediction: each]) / total
            expected +=
                Double(table.labelled(each)) / total * (Double(table.predicted(each)) / total)
        }
        return expected < 1 ? (observed - expected) / (1 - expected) : 0
    }
}
