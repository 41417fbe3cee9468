extension Metrics {
    /// How well each query finds its own partner in the other modality.
    package struct Retrieval: Sendable, Equatable {
        /// The share of queries whose partner is the nearest, and among the nearest ten.
        package var recallAt1: Double
        package var recallAt10: Double
        /// What random features reach.
        package var chanceAt1: Double
        package var chanceAt10: Double
    }

    /// One query's probability of finding its partner first, and among the first ten.
    package struct Found: Sendable, Equatable {
        package var first: Double
        package var ten: Double
    }

    /// Depth-to-RGB retrieval by cosine: row i of `queries` looks for row i of `gallery`.
    ///
    /// Equal similarities count as a fair draw among them, so that constant features score chance.
    /// - Parameter centred: Takes each set's column means off first; what a collapsed student shares
    ///   with its teacher's mean then counts nothing.
    /// - Throws: ``EvaluationError`` `noSamples`, `sizeMismatch`, `notFinite`.
    package static func retrieval(
        queries: FeatureMatrix, gallery: FeatureMatrix, centred: Bool = true
    ) throws -> Retrieval {
        Retrieval(try retrievals(queries: queries, gallery: gallery, centred: centred))
    }

    /// The same, query by query.
    package static func retrievals(
        queries: FeatureMatrix, gallery: FeatureMatrix, centred: Bool = true
    ) throws -> [Found] {
        try Requirement.pair(queries, gallery, sameWidth: true, metric: "retrieval")
        let ask = (centred ? queries.centered() : queries).normalized()
        let offer = (centred ? gallery.centered() : gallery).normalized()
        var found: [Found] = []
        found.reserveCapacity(queries.rows)
        Similarity.forEachRow(of: ask, against: offer) { row, products in
            // Rounding in the products differs by about 1e-7 between equal vectors.
            let own = products[row]
            var nearer = 0
            var equal = 0
            for index in products.indices where index != row {
                if products[index] > own + 2e-6 {
                    nearer += 1
                } else if products[index] >= own - 2e-6 {
                    equal += 1
                }
            }
            found.append(
                Found(
                    first: chanceOfRank(below: 1, nearer: nearer, equal: equal),
                    ten: chanceOfRank(below: 10, nearer: nearer, equal: equal)))
        }
        return found
    }

    private static func chanceOfRank(below k: Int, nearer: Int, equal: Int) -> Double {
        max(0, min(1, Double(k - nearer) / Double(equal + 1)))
    }
}

extension Metrics.Retrieval {
    /// The means over all queries.
    init(_ found: [Metrics.Found]) {
        let count = Double(found.count)
        self.init(
            recallAt1: found.reduce(0) { $0 + $1.first } / count,
            recallAt10: found.reduce(0) { $0 + $1.ten } / count, chanceAt1: 1 / count,
            chanceAt10: min(1, 10 / count))
    }
}
