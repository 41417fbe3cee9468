/// Takes each column's mean off and divides by its standard deviation, both of a set that was fitted.
struct Standardization: Sendable {
    let means: [Double]
    /// 1 / standard deviation of each column; 0 for a constant one, which then counts nothing.
    let factors: [Double]

    init(fitting features: FeatureMatrix) {
        means = features.columnMeans()
        var squares = [Double](repeating: 0, count: features.columns)
        for row in 0..<features.rows {
            for (column, value) in features[row: row].enumerated() {
                let shifted = Double(value) - means[column]
                squares[column] += shifted * shifted
            }
        }
        factors = zip(squares, means).map { square, mean in
            let variance = square / Double(max(1, features.rows))
            return variance > 1e-14 * mean * mean && variance > 1e-300
                ? 1 / variance.squareRoot() : 0
        }
    }

    /// `[rows, columns]`, row by row.
    func values(of features: FeatureMatrix) -> [Double] {
        let width = features.columns
        return [Double](unsafeUninitializedCapacity: features.values.count) { buffer, initialized in
            features.values.withUnsafeBufferPointer { values in
                for row in 0..<features.rows {
                    for column in 0..<width {
                        let index = row * width + column
                        buffer.initializeElement(
                            at: index,
                            to: (Double(values[index]) - means[column]) * factors[column])
                    }
                }
            }
            initialized = features.values.count
        }
    }

    func callAsFunction(_ features: FeatureMatrix) -> FeatureMatrix {
        FeatureMatrix(
            rows: features.rows, columns: features.columns,
            values: values(of: features).map { Float($0) })
    }
}
