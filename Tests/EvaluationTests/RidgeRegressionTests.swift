import Evaluation
import Testing

@Suite("The linear map between two sets of features")
struct RidgeRegressionTests {
    /// Targets that are a linear map of the features.
    private func pair(rows: Int, columns: Int, seed: UInt64) -> (FeatureMatrix, FeatureMatrix) {
        let features = Samples.clusters(
            rows: rows, columns: columns, classes: 3, spread: 1, seed: seed
        ).features
        let targets = FeatureMatrix(
            (0..<rows).map { row in
                let x = Array(features[row: row])
                return [2 * x[0] - x[1] + 5, x[1] + 0.5 * x[2] - 3]
            })
        return (features, targets)
    }

    @Test("A weak ridge finds the map, over features and over samples", arguments: [6, 300])
    func finds(columns: Int) throws {
        let (known, targets) = pair(rows: 200, columns: columns, seed: 1)
        let map = try RidgeRegression(features: known, targets: targets, strength: 1e-6)
        let found = try map(known)
        for (value, wanted) in zip(found.values, targets.values) {
            #expect(abs(value - wanted) < 0.02)
        }
        guard columns == 6 else { return }
        let (fresh, wanted) = pair(rows: 50, columns: columns, seed: 2)
        for (value, wanted) in zip(try map(fresh).values, wanted.values) {
            #expect(abs(value - wanted) < 0.02)
        }
    }

    @Test("A strong ridge answers with the mean")
    func shrinks() throws {
        let (known, targets) = pair(rows: 200, columns: 6, seed: 3)
        let map = try RidgeRegression(features: known, targets: targets, strength: 1e9)
        let mean = (0..<200).map { targets.values[$0 * 2] }.reduce(0, +) / 200
        #expect(abs(try map(known).values[0] - mean) < 0.01)
    }

    @Test("Rows that do not pair are refused")
    func refuses() throws {
        let (known, _) = pair(rows: 20, columns: 6, seed: 4)
        let (_, other) = pair(rows: 21, columns: 6, seed: 4)
        #expect(throws: EvaluationError.self) {
            try RidgeRegression(features: known, targets: other)
        }
    }
}
