extension Metrics {
    /// The mean share of each sample's `k` nearest neighbours that both sets of features name.
    ///
    /// Nearest by cosine, the sample itself left out; `k` is at most the number of other samples;
    /// chance is `k / (n - 1)`. Not centred. 0 for a single sample.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    /// - Reference: Huh, Cheung, Wang, Isola 2024, "The Platonic representation hypothesis",
    ///   arXiv:2405.07987.
    package static func mutualNeighbours(
        _ first: FeatureMatrix, _ second: FeatureMatrix, k: Int = 10
    ) throws -> Double {
        precondition(k > 0, "a neighbourhood holds at least one sample")
        try Requirement.pair(first, second, sameWidth: false, metric: "mutual neighbours")
        let size = min(k, first.rows - 1)
        guard size > 0 else { return 0 }
        let theirs = neighbours(of: second.normalized(), count: size)
        var shared = 0
        let mine = first.normalized()
        Similarity.forEachRow(of: mine, against: mine) { row, products in
            let own = Similarity.greatest(size, of: products, except: row)
            let other = theirs[row * size..<(row + 1) * size]
            shared += own.count { other.contains(Int32($0)) }
        }
        return Double(shared) / Double(size * first.rows)
    }

    private static func neighbours(of matrix: FeatureMatrix, count: Int) -> [Int32] {
        var found: [Int32] = []
        found.reserveCapacity(matrix.rows * count)
        Similarity.forEachRow(of: matrix, against: matrix) { row, products in
            found += Similarity.greatest(count, of: products, except: row).map { Int32($0) }
        }
        return found
    }
}
