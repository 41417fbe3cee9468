import Evaluation
import Testing

@Suite("Classifiers on frozen features")
struct ProbeTests {
    @Test("Both find well separated clusters, in both forms of the probe", arguments: [8, 200])
    func clusters(columns: Int) throws {
        let known = Samples.clusters(rows: 120, columns: columns, classes: 4, spread: 0.3, seed: 1)
        let fresh = Samples.clusters(rows: 200, columns: columns, classes: 4, spread: 0.3, seed: 2)
        let probe = try RidgeProbe(features: known.features, labels: known.labels, classes: 4)
        let linear = try Metrics.accuracy(
            predictions: probe.predictions(fresh.features), labels: fresh.labels)
        #expect(linear > 0.98)
        let neighbours = try Metrics.nearestNeighbourPredictions(
            labelled: known.features, labels: known.labels, classes: 4, queries: fresh.features)
        #expect(try Metrics.accuracy(predictions: neighbours, labels: fresh.labels) > 0.98)
    }

    @Test("The probe's two forms are one: features and zero columns give equal classes")
    func forms() throws {
        // 60 samples: 40 columns are solved over features; 80, half of them constant, over samples.
        let (features, labels) = Samples.clusters(
            rows: 60, columns: 40, classes: 5, spread: 2, seed: 3)
        let padded = FeatureMatrix(
            (0..<60).map { Array(features[row: $0]) + [Float](repeating: 7, count: 40) })
        let queries = Samples.clusters(rows: 100, columns: 40, classes: 5, spread: 2, seed: 4)
        let paddedQueries = FeatureMatrix(
            (0..<100).map { Array(queries.features[row: $0]) + [Float](repeating: 7, count: 40) })
        let plain = try RidgeProbe(features: features, labels: labels, classes: 5)
        let wide = try RidgeProbe(features: padded, labels: labels, classes: 5)
        #expect(try plain.predictions(queries.features) == wide.predictions(paddedQueries))
    }

    @Test("The probe ignores a feature's scale and offset")
    func scale() throws {
        let (features, labels) = Samples.clusters(
            rows: 90, columns: 6, classes: 3, spread: 1, seed: 5)
        let moved = FeatureMatrix(rows: 90, columns: 6, values: features.values.map { $0 * 50 + 3 })
        let plain = try RidgeProbe(features: features, labels: labels, classes: 3)
        let other = try RidgeProbe(features: moved, labels: labels, classes: 3)
        #expect(try plain.predictions(features) == other.predictions(moved))
    }

    @Test("One class, one sample and constant features work")
    func degenerate() throws {
        let one = FeatureMatrix([[1, 2, 3]])
        let probe = try RidgeProbe(features: one, labels: [2], classes: 3)
        #expect(try probe.predictions(one) == [2])
        let flat = Samples.constant(rows: 10, columns: 4)
        let labels = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]
        let constant = try RidgeProbe(features: flat, labels: labels, classes: 2)
        #expect(try constant.predictions(flat) == [Int](repeating: 1, count: 10))
        let vote = try Metrics.nearestNeighbourPredictions(
            labelled: flat, labels: labels, classes: 2, queries: flat)
        #expect(vote == [Int](repeating: 1, count: 10))
        #expect(throws: EvaluationError.self) {
            try RidgeProbe(features: one, labels: [3], classes: 3)
        }
    }
}
