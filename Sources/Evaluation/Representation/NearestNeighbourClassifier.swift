extension Metrics {
    /// Classes by vote of the `k` nearest labelled samples, each weighing `exp(cosine / 0.07)`.
    ///
    /// - Returns: One class a query.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `labelOutOfRange`, `notFinite`.
    /// - Reference: Wu, Xiong, Yu, Lin 2018, "Unsupervised feature learning via non-parametric
    ///   instance discrimination", arXiv:1805.01978.
    package static func nearestNeighbourPredictions(
        labelled: FeatureMatrix, labels: [Int], classes: Int, queries: FeatureMatrix, k: Int = 20
    ) throws -> [Int] {
        precondition(k > 0, "a vote needs at least one neighbour")
        let metric = "nearest-neighbour classifier"
        try Requirement.samples(labelled.rows, metric: metric)
        try Requirement.equal(labels.count, labelled.rows, of: "labels", metric: metric)
        try Requirement.equal(queries.columns, labelled.columns, of: "columns", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        try Requirement.finite(labelled, metric: metric)
        try Requirement.finite(queries, metric: metric)
        var predictions = [Int](repeating: 0, count: queries.rows)
        let known = labelled.normalized()
        Similarity.forEachRow(of: queries.normalized(), against: known) { row, products in
            var votes = [Double](repeating: 0, count: classes)
            for neighbour in Similarity.greatest(min(k, labels.count), of: products) {
                votes[labels[neighbour]] += Numeric.exponential(Double(products[neighbour]) / 0.07)
            }
            for each in 0..<classes where votes[each] > votes[predictions[row]] {
                predictions[row] = each
            }
        }
        return predictions
    }
}
