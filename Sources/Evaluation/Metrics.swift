/// Measures of models, each a pure function in a file of its own.
///
/// Where a measure is undefined (one sample, constant features) it is 0 unless its text says
/// otherwise; features that are not finite are an ``EvaluationError``.
package enum Metrics {
    /// The class with the greatest logit in every row; the first of equals.
    package static func predictions(_ logits: FeatureMatrix) -> [Int] {
        (0..<logits.rows).map { row in
            let scores = logits[row: row]
            var best = scores.startIndex
            for index in scores.indices where scores[index] > scores[best] { best = index }
            return best - scores.startIndex
        }
    }

    /// Log-probabilities of one row of logits at a temperature: `z/T - log sum exp(z/T)`.
    static func logSoftmax(_ logits: ArraySlice<Float>, temperature: Double = 1) -> [Double] {
        let scaled = logits.map { Double($0) / temperature }
        let greatest = scaled.max() ?? 0
        let sum = scaled.reduce(0) { $0 + Numeric.exponential($1 - greatest) }
        let shift = greatest + Numeric.logarithm(sum)
        return scaled.map { $0 - shift }
    }
}
