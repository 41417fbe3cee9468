/// How often each class was taken for each other.
package struct ConfusionMatrix: Sendable, Equatable {
    package let classes: Int
    /// `counts[label * classes + prediction]`.
    package private(set) var counts: [Int]

    /// - Throws: ``EvaluationError`` `sizeMismatch`, `labelOutOfRange`.
    package init(predictions: [Int], labels: [Int], classes: Int) throws {
        let metric = "confusion matrix"
        try Requirement.equal(predictions.count, labels.count, of: "predictions", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        try Requirement.labels(predictions, below: classes, metric: metric)
        self.classes = classes
        counts = [Int](repeating: 0, count: classes * classes)
        for (label, prediction) in zip(labels, predictions) {
            counts[label * classes + prediction] += 1
        }
    }

    package subscript(label label: Int, prediction prediction: Int) -> Int {
        counts[label * classes + prediction]
    }

    /// All samples.
    package var total: Int { counts.reduce(0, +) }

    /// Samples with this label.
    package func labelled(_ label: Int) -> Int {
        (0..<classes).reduce(0) { $0 + self[label: label, prediction: $1] }
    }

    /// Samples with this prediction.
    package func predicted(_ prediction: Int) -> Int {
        (0..<classes).reduce(0) { $0 + self[label: $1, prediction: prediction] }
    }

    /// The share of a class's samples that were recognised; nil where the class has none.
    package func recall(_ label: Int) -> Double? {
        let count = labelled(label)
        return count > 0 ? Double(self[label: label, prediction: label]) / Double(count) : nil
    }
}
