import COpenBLAS

/// A linear classifier on frozen features, fitted in closed form.
///
/// Features are standardised by the fitted set; the targets are one-hot with their mean taken off;
/// `W = (X^T X + n s I)^-1 X^T Y`, or the equal form over samples where those are fewer.
package struct RidgeProbe: Sendable {
    package let classes: Int
    private let standardization: Standardization
    /// `[classes, columns]`.
    private let weights: [Double]
    private let bias: [Double]

    /// - Parameters:
    ///   - features: `[samples, columns]`.
    ///   - strength: The ridge `s` in units of a standardised feature's variance.
    /// - Throws: ``EvaluationError``.
    package init(
        features: FeatureMatrix, labels: [Int], classes: Int, strength: Double = 0.1
    ) throws {
        precondition(strength > 0, "a ridge strength is positive")
        let metric = "ridge probe"
        try Requirement.samples(features.rows, metric: metric)
        try Requirement.equal(labels.count, features.rows, of: "labels", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        try Requirement.finite(features, metric: metric)
        self.classes = classes
        let count = Double(features.rows)
        standardization = Standardization(fitting: features)
        let standard = standardization(features)
        var shares = [Double](repeating: 0, count: classes)
        for label in labels { shares[label] += 1 / count }
        bias = shares
        // `[classes, samples]`: one right-hand side a row.
        let targets = (0..<classes).flatMap { each in
            labels.map { ($0 == each ? 1 : 0) - shares[each] }
        }
        weights = try Self.solve(
            standard, targets: targets, classes: classes, ridge: count * strength)
    }

    /// One class a row.
    ///
    /// - Throws: ``EvaluationError`` `sizeMismatch`, `notFinite`.
    package func predictions(_ features: FeatureMatrix) throws -> [Int] {
        try Requirement.equal(
            features.columns, standardization.means.count, of: "columns", metric: "ridge probe")
        try Requirement.finite(features, metric: "ridge probe")
        let standard = standardization(features)
        let known = FeatureMatrix(
            rows: classes, columns: features.columns, values: weights.map { Float($0) })
        var predictions = [Int](repeating: 0, count: features.rows)
        Similarity.forEachRow(of: standard, against: known) { row, scores in
            for each in 0..<classes
            where Double(scores[each]) + bias[each]
                > Double(scores[predictions[row]]) + bias[predictions[row]]
            {
                predictions[row] = each
            }
        }
        return predictions
    }

    private static func solve(
        _ features: FeatureMatrix, targets: [Double], classes: Int, ridge: Double
    ) throws -> [Double] {
        let samples = features.rows
        let columns = features.columns
        let wide = features.values.map { Double($0) }
        func product(_ left: [Double]) -> [Double] {
            // `[classes, samples] x [samples, columns]`.
            var result = [Double](repeating: 0, count: classes * columns)
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(classes), Int32(columns),
                Int32(samples), 1, left, Int32(samples), wide, Int32(columns), 0, &result,
                Int32(columns))
            return result
        }
        let overSamples = samples < columns
        // The features are standardised, so centring again in these changes nothing.
        var system =
            overSamples ? CrossProduct.gram(features) : CrossProduct.covariance(features)
        for index in 0..<system.order { system[index, index] += ridge }
        if overSamples {
            return product(try system.solvingPositiveDefinite(targets, count: classes))
        }
        return try system.solvingPositiveDefinite(product(targets), count: classes)
    }
}
