import COpenBLAS

/// A linear classifier on frozen features, fitted by likelihood: the linear probe.
///
/// It minimises `-(1/n) sum_i ln softmax(W x_i + b)_y(i) + (s/2) |W|^2`, x standardised by the fitted set, the
/// bias free. The function is convex: the result does not depend on a seed or a learning rate.
/// - Reference: Alain, Bengio 2016, "Understanding intermediate layers using linear classifier probes",
///   arXiv:1610.01644.
package struct LogisticProbe: Sendable {
    package let classes: Int
    /// The least value of the function, as found.
    package let loss: Double
    private let standardization: Standardization
    /// `[classes, columns + 1]`, the bias last.
    private let weights: [Double]

    /// - Parameters:
    ///   - features: `[samples, columns]`.
    ///   - strength: The penalty `s` for a standardised feature's weight.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `labelOutOfRange`, `notFinite`.
    package init(
        features: FeatureMatrix, labels: [Int], classes: Int, strength: Double = 1e-3
    ) throws {
        precondition(strength > 0, "a penalty is positive")
        let metric = "linear probe"
        try Requirement.samples(features.rows, metric: metric)
        try Requirement.equal(labels.count, features.rows, of: "labels", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        try Requirement.finite(features, metric: metric)
        self.classes = classes
        standardization = Standardization(fitting: features)
        let fit = Fit(
            inputs: Self.withOnes(standardization.values(of: features), columns: features.columns),
            labels: labels, classes: classes, width: features.columns + 1, strength: strength)
        let start = [Double](repeating: 0, count: classes * (features.columns + 1))
        (weights, loss) = LimitedMemoryBFGS().minimize(from: start, fit.evaluate)
    }

    /// `W x + b` of each row, `[samples, classes]`.
    ///
    /// - Throws: ``EvaluationError`` `sizeMismatch`, `notFinite`.
    package func logits(_ features: FeatureMatrix) throws -> FeatureMatrix {
        let metric = "linear probe"
        try Requirement.equal(
            features.columns, standardization.means.count, of: "columns", metric: metric)
        try Requirement.finite(features, metric: metric)
        let inputs = Self.withOnes(
            standardization.values(of: features), columns: features.columns)
        let scores = Fit.scores(
            inputs, weights, classes: classes, width: features.columns + 1)
        return FeatureMatrix(
            rows: features.rows, columns: classes, values: scores.map { Float($0) })
    }

    /// One class a row.
    ///
    /// - Throws: ``EvaluationError`` `sizeMismatch`, `notFinite`.
    package func predictions(_ features: FeatureMatrix) throws -> [Int] {
        Metrics.predictions(try logits(features))
    }

    /// Each row followed by a 1, which carries the bias.
    private static func withOnes(_ values: [Double], columns: Int) -> [Double] {
        var result: [Double] = []
        result.reserveCapacity(values.count / columns * (columns + 1))
        for start in stride(from: 0, to: values.count, by: columns) {
            result += values[start..<(start + columns)]
            result.append(1)
        }
        return result
    }
}

/// The function that a logistic probe minimises.
private struct Fit {
    /// `[samples, width]`, the last column ones.
    let inputs: [Double]
    let labels: [Int]
    let classes: Int
    let width: Int
    let strength: Double

    static func scores(
        _ inputs: [Double], _ weights: [Double], classes: Int, width: Int
    ) -> [Double] {
        let rows = inputs.count / width
        var scores = [Double](repeating: 0, count: rows * classes)
        guard rows > 0 else { return scores }
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(classes), Int32(width), 1,
            inputs, Int32(width), weights, Int32(width), 0, &scores, Int32(classes))
        return scores
    }

    func evaluate(_ weights: [Double]) -> (value: Double, gradient: [Double]) {
        let rows = labels.count
        var scores = Self.scores(inputs, weights, classes: classes, width: width)
        var value = 0.0
        // Scores become the gradient by them: (softmax - one-hot) / n.
        for row in 0..<rows {
            let places = row * classes..<(row + 1) * classes
            let greatest = scores[places].max() ?? 0
            let sum = scores[places].reduce(0) { $0 + Numeric.exponential($1 - greatest) }
            let normalizer = greatest + Numeric.logarithm(sum)
            value -= scores[row * classes + labels[row]] - normalizer
            for place in places {
                scores[place] = Numeric.exponential(scores[place] - normalizer) / Double(rows)
            }
            scores[row * classes + labels[row]] -= 1 / Double(rows)
        }
        value /= Double(rows)
        var gradient = [Double](repeating: 0, count: weights.count)
        cblas_dgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(classes), Int32(width), Int32(rows), 1,
            scores, Int32(classes), inputs, Int32(width), 0, &gradient, Int32(width))
        for place in weights.indices where place % width != width - 1 {
            value += strength / 2 * weights[place] * weights[place]
            gradient[place] += strength * weights[place]
        }
        return (value, gradient)
    }
}
