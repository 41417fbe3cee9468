import COpenBLAS

/// Inner products between all rows of two matrices, a block of rows at a time, so that memory stays
/// at `block * keys` floats however many rows there are.
enum Similarity {
    static let block = 256

    /// Calls `body` with each row of `queries` and its inner products with all rows of `keys`.
    static func forEachRow(
        of queries: FeatureMatrix, against keys: FeatureMatrix,
        _ body: (_ row: Int, _ products: UnsafeBufferPointer<Float>) -> Void
    ) {
        precondition(queries.columns == keys.columns, "inner products need equal widths")
        guard keys.rows > 0 else { return }
        var products = [Float](repeating: 0, count: min(block, queries.rows) * keys.rows)
        queries.values.withUnsafeBufferPointer { left in
            keys.values.withUnsafeBufferPointer { right in
                products.withUnsafeMutableBufferPointer { products in
                    guard let left = left.baseAddress, let right = right.baseAddress,
                        let base = products.baseAddress
                    else { return }
                    let width = Int32(queries.columns)
                    for start in stride(from: 0, to: queries.rows, by: block) {
                        let count = min(block, queries.rows - start)
                        cblas_sgemm(
                            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count),
                            Int32(keys.rows), width, 1, left + start * queries.columns, width,
                            right, width, 0, base, Int32(keys.rows))
                        for row in 0..<count {
                            body(
                                start + row,
                                UnsafeBufferPointer(start: base + row * keys.rows, count: keys.rows)
                            )
                        }
                    }
                }
            }
        }
    }

    /// The indices of the `count` greatest values, greatest first, the lower index first of equals.
    static func greatest(
        _ count: Int, of values: UnsafeBufferPointer<Float>, except excluded: Int? = nil
    ) -> [Int] {
        var indices: [Int] = []
        indices.reserveCapacity(count + 1)
        guard count > 0 else { return indices }
        for index in values.indices where index != excluded {
            if indices.count == count, values[index] <= values[indices[count - 1]] { continue }
            var place = indices.count
            while place > 0, values[indices[place - 1]] < values[index] { place -= 1 }
            indices.insert(index, at: place)
            if indices.count > count { indices.removeLast() }
        }
        return indices
    }
}
