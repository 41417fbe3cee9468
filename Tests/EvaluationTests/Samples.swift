import Evaluation
import Tensors

/// Random features for tests.
enum Samples {
    static func matrix(rows: Int, columns: Int, seed: UInt64, shift: Float = 0) -> FeatureMatrix {
        var random = SeededGenerator(seed: seed)
        // The sum of twelve uniforms is near enough to a normal.
        let values = (0..<rows * columns).map { _ in
            Float((0..<12).reduce(-6.0) { sum, _ in sum + random.uniform() }) + shift
        }
        return FeatureMatrix(rows: rows, columns: columns, values: values)
    }

    static func constant(rows: Int, columns: Int, value: Float = 0.3) -> FeatureMatrix {
        FeatureMatrix(
            rows: rows, columns: columns,
            values: [Float](repeating: value, count: rows * columns))
    }

    /// Clusters around one random centre a class; labels go round.
    static func clusters(
        rows: Int, columns: Int, classes: Int, spread: Float, seed: UInt64
    ) -> (features: FeatureMatrix, labels: [Int]) {
        let centers = matrix(rows: classes, columns: columns, seed: 77)
        let noise = matrix(rows: rows, columns: columns, seed: seed)
        let labels = (0..<rows).map { $0 % classes }
        let values = (0..<rows * columns).map { index in
            centers.values[labels[index / columns] * columns + index % columns]
                + spread * noise.values[index]
        }
        return (FeatureMatrix(rows: rows, columns: columns, values: values), labels)
    }

    /// Each row turned by the same random rotation (a product of plane rotations) and scaled.
    static func rotated(_ matrix: FeatureMatrix, seed: UInt64, scale: Float) -> FeatureMatrix {
        var random = SeededGenerator(seed: seed)
        var values = matrix.values
        for _ in 0..<4 * matrix.columns {
            let a = Int.random(in: 0..<matrix.columns, using: &random)
            let b = Int.random(in: 0..<matrix.columns, using: &random)
            guard a != b else { continue }
            // A rotation from a Pythagorean triple: exact enough and no trigonometry.
            let (cosine, sine): (Float, Float) = (0.6, 0.8)
            for row in 0..<matrix.rows {
                let x = values[row * matrix.columns + a]
                let y = values[row * matrix.columns + b]
                values[row * matrix.columns + a] = cosine * x - sine * y
                values[row * matrix.columns + b] = sine * x + cosine * y
            }
        }
        return FeatureMatrix(
            rows: matrix.rows, columns: matrix.columns, values: values.map { $0 * scale })
    }
}

func near(_ a: Double, _ b: Double, _ tolerance: Double = 1e-6) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
}
