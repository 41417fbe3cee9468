extension Metrics {
    /// The mean over samples of the cosine between their two feature vectors.
    ///
    /// High from the first step on, also for collapsed features: read ``centredCosine(_:_:)``.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    package static func rawCosine(_ first: FeatureMatrix, _ second: FeatureMatrix) throws -> Double
    {
        try Requirement.pair(first, second, sameWidth: true, metric: "raw cosine")
        return meanCosine(first, second, means: nil)
    }

    /// The mean cosine after each column's mean is taken off in each set.
    ///
    /// Constant features have no direction left and count 0.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    package static func centredCosine(
        _ first: FeatureMatrix, _ second: FeatureMatrix
    ) throws -> Double {
        try Requirement.pair(first, second, sameWidth: true, metric: "centred cosine")
        return meanCosine(first, second, means: (first.columnMeans(), second.columnMeans()))
    }

    private static func meanCosine(
        _ first: FeatureMatrix, _ second: FeatureMatrix, means: ([Double], [Double])?
    ) -> Double {
        let width = first.columns
        let zero = [Double](repeating: 0, count: width)
        let (firstMeans, secondMeans) = means ?? (zero, zero)
        var sum = 0.0
        for row in 0..<first.rows {
            var product = 0.0
            var firstSquare = 0.0
            var secondSquare = 0.0
            // What rounding leaves of a constant column is no direction.
            var firstRaw = 0.0
            var secondRaw = 0.0
            for column in 0..<width {
                let x = Double(first.values[row * width + column])
                let y = Double(second.values[row * width + column])
                let a = x - firstMeans[column]
                let b = y - secondMeans[column]
                product += a * b
                firstSquare += a * a
                secondSquare += b * b
                firstRaw += x * x
                secondRaw += y * y
            }
            guard firstSquare > 1e-24 * firstRaw, secondSquare > 1e-24 * secondRaw else { continue }
            sum += product / (firstSquare * secondSquare).squareRoot()
        }
        return sum / Double(first.rows)
    }
}
