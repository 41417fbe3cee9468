import COpenBLAS

/// A linear map between two sets of features, fitted in closed form: what one of them tells of the other.
///
/// Features are standardised by the fitted set, targets have their means taken off;
/// `W = (X^T X + n s I)^-1 X^T Y`, or the equal form over samples where those are fewer.
/// - Reference: Hoerl and Kennard 1970, 10.1080/00401706.1970.10488634.
package struct RidgeRegression: Sendable {
    /// Columns of the targets.
    package let outputs: Int
    private let standardization: Standardization
    /// `[outputs, columns]`.
    private let weights: FeatureMatrix
    private let means: [Float]

    /// - Parameters:
    ///   - features: `[samples, columns]`.
    ///   - targets: `[samples, outputs]`.
    ///   - strength: The ridge `s` in units of a standardised feature's variance.
    /// - Throws: ``EvaluationError``.
    package init(
        features: FeatureMatrix, targets: FeatureMatrix, strength: Double = 0.1
    ) throws {
        precondition(strength > 0, "a ridge strength is positive")
        let metric = "ridge regression"
        try Requirement.pair(features, targets, sameWidth: false, metric: metric)
        outputs = targets.columns
        standardization = Standardization(fitting: features)
        means = targets.columnMeans().map { Float($0) }
        let solved = try Self.solve(
            standardization(features), targets: targets.centered(),
            ridge: Double(features.rows) * strength)
        weights = FeatureMatrix(
            rows: outputs, columns: features.columns, values: solved.map { Float($0) })
    }

    /// The targets that features speak for, `[rows, outputs]`.
    ///
    /// - Throws: ``EvaluationError`` `sizeMismatch`, `notFinite`.
    package func callAsFunction(_ features: FeatureMatrix) throws -> FeatureMatrix {
        let metric = "ridge regression"
        try Requirement.equal(features.columns, weights.columns, of: "columns", metric: metric)
        try Requirement.finite(features, metric: metric)
        var values = [Float](repeating: 0, count: features.rows * outputs)
        Similarity.forEachRow(of: standardization(features), against: weights) { row, products in
            for output in 0..<outputs {
                values[row * outputs + output] = products[output] + means[output]
            }
        }
        return FeatureMatrix(rows: features.rows, columns: outputs, values: values)
    }

    /// - Returns: `[outputs, columns]`.
    private static func solve(
        _ features: FeatureMatrix, targets: FeatureMatrix, ridge: Double
    ) throws -> [Double] {
        let (samples, columns, outputs) = (features.rows, features.columns, targets.columns)
        let wide = features.values.map { Double($0) }
        // `[outputs, samples]`: one right-hand side a row.
        let sides = (0..<outputs).flatMap { output in
            (0..<samples).map { Double(targets.values[$0 * outputs + output]) }
        }
        func product(_ left: [Double]) -> [Double] {
            // `[outputs, samples] x [samples, columns]`.
            var result = [Double](repeating: 0, count: outputs * columns)
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(outputs), Int32(columns),
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
            return product(try system.solvingPositiveDefinite(sides, count: outputs))
        }
        return try system.solvingPositiveDefinite(product(sides), count: outputs)
    }
}
