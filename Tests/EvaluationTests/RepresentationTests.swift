import Evaluation
import Testing

@Suite("Metrics of features without labels")
struct RepresentationTests {
    let features = Samples.matrix(rows: 300, columns: 12, seed: 11, shift: 2)
    let others = Samples.matrix(rows: 300, columns: 12, seed: 12, shift: 2)

    @Test("Raw cosine sees the common mean, centred cosine does not")
    func cosine() throws {
        #expect(near(try Metrics.rawCosine(features, features), 1))
        #expect(near(try Metrics.centredCosine(features, features), 1))
        #expect(try Metrics.rawCosine(features, others) > 0.7)
        #expect(abs(try Metrics.centredCosine(features, others)) < 0.1)
        let small = FeatureMatrix([[1, 0], [0, 1]])
        let turned = FeatureMatrix([[1, 1], [0, -2]])
        #expect(near(try Metrics.rawCosine(small, turned), (0.5.squareRoot() - 1) / 2))
    }

    @Test("CKA: the two forms agree and ignore rotation and scale")
    func cka() throws {
        let rotated = Samples.rotated(features, seed: 5, scale: 3)
        #expect(near(try Metrics.linearCKA(features, rotated), 1, 1e-5))
        // Fewer rows than columns takes the form over samples: compare with a plain computation.
        for (rows, columns) in [(40, 6), (6, 40)] {
            let a = Samples.matrix(rows: rows, columns: columns, seed: 21, shift: 1)
            let b = Samples.matrix(rows: rows, columns: columns + 3, seed: 22, shift: -1)
            #expect(near(try Metrics.linearCKA(a, b), plainCKA(a, b), 1e-5))
        }
        #expect(try Metrics.linearCKA(features, others) < 0.1)
    }

    private func plainCKA(_ a: FeatureMatrix, _ b: FeatureMatrix) -> Double {
        func gram(_ m: FeatureMatrix) -> [[Double]] {
            let means = (0..<m.columns).map { column in
                (0..<m.rows).reduce(0.0) { $0 + Double(m.values[$1 * m.columns + column]) }
                    / Double(m.rows)
            }
            let rows = (0..<m.rows).map { row in
                zip(m[row: row], means).map { Double($0) - $1 }
            }
            return rows.map { x in rows.map { y in zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } } }
        }
        func inner(_ x: [[Double]], _ y: [[Double]]) -> Double {
            zip(x.joined(), y.joined()).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let k = gram(a)
        let l = gram(b)
        return inner(k, l) / (inner(k, k) * inner(l, l)).squareRoot()
    }

    @Test("Mutual neighbours against a plain computation, over more than one block")
    func mutualNeighbours() throws {
        let a = features
        let noise = Samples.matrix(rows: 300, columns: 12, seed: 13)
        let b = FeatureMatrix(
            rows: 300, columns: 12, values: zip(a.values, noise.values).map { $0 + 0.5 * $1 })
        func plain(_ m: FeatureMatrix) -> [Set<Int>] {
            func cosine(_ i: Int, _ j: Int) -> Double {
                let x = m[row: i].map { Double($0) }
                let y = m[row: j].map { Double($0) }
                func dot(_ p: [Double], _ q: [Double]) -> Double {
                    zip(p, q).reduce(0) { $0 + $1.0 * $1.1 }
                }
                return dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot()
            }
            return (0..<m.rows).map { row in
                let ranked = (0..<m.rows).filter { $0 != row }.map { ($0, cosine(row, $0)) }
                    .sorted { $0.1 > $1.1 }
                return Set(ranked.prefix(10).map(\.0))
            }
        }
        let shared = zip(plain(a), plain(b)).map { Double($0.intersection($1).count) / 10 }
        let expected = shared.reduce(0, +) / 300
        #expect(near(try Metrics.mutualNeighbours(a, b), expected, 2e-3))
        #expect(try Metrics.mutualNeighbours(a, a) == 1)
        #expect(try Metrics.mutualNeighbours(a, others) < 0.1)
    }

    @Test("Retrieval finds itself; unrelated and constant features find chance")
    func retrieval() throws {
        let own = try Metrics.retrieval(queries: features, gallery: features)
        #expect(own.recallAt1 == 1 && own.recallAt10 == 1)
        #expect(near(own.chanceAt1, 1.0 / 300) && near(own.chanceAt10, 10.0 / 300))
        let stranger = try Metrics.retrieval(queries: features, gallery: others)
        #expect(stranger.recallAt1 < 0.03)
        for centred in [true, false] {
            let flat = try Metrics.retrieval(
                queries: Samples.constant(rows: 300, columns: 12), gallery: features,
                centred: centred)
            #expect(flat.recallAt1 < 0.02)
            let both = try Metrics.retrieval(
                queries: Samples.constant(rows: 300, columns: 12),
                gallery: Samples.constant(rows: 300, columns: 12), centred: centred)
            #expect(near(both.recallAt1, 1.0 / 300, 1e-4))
            #expect(near(both.recallAt10, 10.0 / 300, 1e-4))
        }
    }

    @Test("Retrieval ranks by hand")
    func retrievalByHand() throws {
        let queries = FeatureMatrix([[1, 0], [0, 1], [1, 1]])
        let gallery = FeatureMatrix([[1, 0.1], [1, 0], [1, 1]])
        let found = try Metrics.retrieval(queries: queries, gallery: gallery, centred: false)
        // Row 0 prefers gallery 1; row 1 prefers gallery 2; row 2 finds itself.
        #expect(near(found.recallAt1, 1.0 / 3))
        #expect(found.recallAt10 == 1)
    }

    @Test("Effective rank counts directions")
    func effectiveRank() throws {
        // Two equal orthogonal directions, then one.
        let two = FeatureMatrix([[1, 0, 5], [-1, 0, 5], [0, 1, 5], [0, -1, 5]])
        #expect(near(try Metrics.effectiveRank(two), 2))
        let line = FeatureMatrix((0..<50).map { [Float($0), Float(2 * $0), Float(-$0)] })
        #expect(near(try Metrics.effectiveRank(line), 1, 1e-3))
        let full = try Metrics.effectiveRank(features)
        #expect(full > 11 && full <= 12)
        let wide = try Metrics.effectiveRank(Samples.matrix(rows: 8, columns: 64, seed: 9))
        #expect(wide > 6 && wide <= 7.01)
    }

    @Test("Constant features and single samples give finite values", arguments: [1, 2, 30])
    func degenerate(rows: Int) throws {
        let constant = Samples.constant(rows: rows, columns: 12)
        let varied = Samples.matrix(rows: rows, columns: 12, seed: 4)
        for (student, teacher) in [(constant, varied), (varied, constant), (constant, constant)] {
            let report = try MetricReport.representation(teacher: teacher, student: student)
            for entry in report.entries { #expect(entry.value.isFinite, "\(entry.name)") }
            #expect(report["centred_cosine"] == 0)
            #expect(report["cka"] == 0)
            #expect(try Metrics.effectiveRank(constant) == 0)
        }
        let single = try MetricReport.agreement(teacherLogits: varied, studentLogits: constant)
        for entry in single.entries { #expect(entry.value.isFinite, "\(entry.name)") }
    }

    @Test("Widths may differ where a projection is missing")
    func widths() throws {
        let narrow = Samples.matrix(rows: 300, columns: 5, seed: 31)
        let report = try MetricReport.representation(teacher: features, student: narrow)
        #expect(report["centred_cosine"] == nil)
        #expect(report["cka"] != nil && report["mutual_neighbours"] != nil)
        #expect(throws: EvaluationError.self) { try Metrics.centredCosine(features, narrow) }
    }

    @Test("Broken features are an error, not a number")
    func notFinite() {
        let broken = FeatureMatrix([[1, .infinity], [0, 1]])
        let whole = FeatureMatrix([[1, 1], [0, 1]])
        #expect(throws: EvaluationError.self) { try Metrics.linearCKA(whole, broken) }
        #expect(throws: EvaluationError.self) { try Metrics.effectiveRank(broken) }
    }
}
