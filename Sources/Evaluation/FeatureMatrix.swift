package import Tensors

/// Features, logits or scores of many samples: one row a sample.
package struct FeatureMatrix: Sendable, Equatable {
    /// Samples.
    package let rows: Int
    /// Features of one sample.
    package let columns: Int
    /// Row by row, `[rows, columns]`.
    package let values: [Float]

    /// - Parameter values: `rows * columns` values, row by row.
    package init(rows: Int, columns: Int, values: [Float]) {
        precondition(rows >= 0 && columns > 0, "a feature matrix needs at least one column")
        precondition(
            values.count == rows * columns,
            "\(values.count) values do not fill \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// The first axis becomes rows; all others together become columns.
    package init(_ tensor: Tensor<Float>) {
        precondition(tensor.shape.rank >= 2, "features have a batch axis and at least one more")
        let rows = tensor.shape[0]
        self.init(rows: rows, columns: tensor.count / max(1, rows), values: tensor.values)
    }

    package init(_ rows: [[Float]]) {
        self.init(rows: rows.count, columns: rows.first?.count ?? 1, values: rows.flatMap(\.self))
    }

    /// One sample's values.
    package subscript(row row: Int) -> ArraySlice<Float> {
        values[row * columns..<(row + 1) * columns]
    }

    /// The chosen rows in the given order.
    package func selecting(_ chosen: [Int]) -> FeatureMatrix {
        if chosen.elementsEqual(0..<rows) { return self }
        var picked: [Float] = []
        picked.reserveCapacity(chosen.count * columns)
        for row in chosen { picked.append(contentsOf: self[row: row]) }
        return FeatureMatrix(rows: chosen.count, columns: columns, values: picked)
    }
}

extension FeatureMatrix {
    /// The mean of every column.
    func columnMeans() -> [Double] {
        var sums = [Double](repeating: 0, count: columns)
        values.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
            }
        }
        return sums.map { $0 / Double(max(1, rows)) }
    }

    /// The matrix with every column's mean taken off.
    func centered() -> FeatureMatrix {
        let means = columnMeans()
        var shifted = values
        shifted.withUnsafeMutableBufferPointer { shifted in
            for row in 0..<rows {
                for column in 0..<columns {
                    let index = row * columns + column
                    shifted[index] = Float(Double(shifted[index]) - means[column])
                }
            }
        }
        return FeatureMatrix(rows: rows, columns: columns, values: shifted)
    }

    /// The matrix with rows of length 1; a row of zeros stays.
    func normalized() -> FeatureMatrix {
        var scaled = values
        scaled.withUnsafeMutableBufferPointer { scaled in
            for row in 0..<rows {
                var square = 0.0
                for index in row * columns..<(row + 1) * columns {
                    square += Double(scaled[index]) * Double(scaled[index])
                }
                guard square > 0 else { continue }
                let factor = 1 / square.squareRoot()
                for index in row * columns..<(row + 1) * columns {
                    scaled[index] = Float(Double(scaled[index]) * factor)
                }
            }
        }
        return FeatureMatrix(rows: rows, columns: columns, values: scaled)
    }
}
