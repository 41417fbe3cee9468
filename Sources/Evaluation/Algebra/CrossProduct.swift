import COpenBLAS

/// Products of tall matrices summed over blocks of rows in double precision.
enum CrossProduct {
    private static let block = 512

    /// `A^T B` with column means taken off: `[A.columns, B.columns]`, row-major.
    static func centered(_ first: FeatureMatrix, _ second: FeatureMatrix) -> [Double] {
        precondition(first.rows == second.rows)
        let firstMeans = first.columnMeans()
        let secondMeans = second.columnMeans()
        var product = [Double](repeating: 0, count: first.columns * second.columns)
        for start in stride(from: 0, to: first.rows, by: block) {
            let count = min(block, first.rows - start)
            let left = rows(of: first, from: start, count: count, minus: firstMeans)
            let right = rows(of: second, from: start, count: count, minus: secondMeans)
            cblas_dgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, Int32(first.columns),
                Int32(second.columns), Int32(count), 1, left, Int32(first.columns), right,
                Int32(second.columns), 1, &product, Int32(second.columns))
        }
        return product
    }

    /// `A^T A` (features by features) with column means taken off.
    static func covariance(_ matrix: FeatureMatrix) -> SquareMatrix {
        var result = SquareMatrix(order: matrix.columns)
        result.values = centered(matrix, matrix)
        return result
    }

    /// `A A^T` (samples by samples) with column means taken off.
    static func gram(_ matrix: FeatureMatrix) -> SquareMatrix {
        let means = matrix.columnMeans()
        let all = rows(of: matrix, from: 0, count: matrix.rows, minus: means)
        var result = SquareMatrix(order: matrix.rows)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(matrix.rows), Int32(matrix.rows),
            Int32(matrix.columns), 1, all, Int32(matrix.columns), all, Int32(matrix.columns), 0,
            &result.values, Int32(matrix.rows))
        return result
    }

    /// The sum of products of equal elements.
    static func inner(_ first: [Double], _ second: [Double]) -> Double {
        cblas_ddot(Int32(first.count), first, 1, second, 1)
    }

    private static func rows(
        of matrix: FeatureMatrix, from start: Int, count: Int, minus means: [Double]
    ) -> [Double] {
        let width = matrix.columns
        return [Double](unsafeUninitializedCapacity: count * width) { buffer, initialized in
            matrix.values.withUnsafeBufferPointer { values in
                for row in 0..<count {
                    for column in 0..<width {
                        buffer.initializeElement(
                            at: row * width + column,
                            to: Double(values[(start + row) * width + column]) - means[column])
                    }
                }
            }
            initialized = count * width
        }
    }
}
