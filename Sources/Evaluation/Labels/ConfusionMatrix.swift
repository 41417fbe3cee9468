/// How often each class was taken for each other.
///
/// Only what occurred is kept, so that memory follows samples and classes and not their square.
package struct ConfusionMatrix: Sendable, Equatable {
    private struct Cell: Hashable {
        var label: Int32, prediction: Int32
    }

    package let classes: Int
    /// All samples.
    package let total: Int
    private var cells: [Cell: Int] = [:]
    private var labelCounts: [Int], predictionCounts: [Int]

    /// - Throws: ``EvaluationError`` `sizeMismatch`, `labelOutOfRange`.
    package init(predictions: [Int], labels: [Int], classes: Int) throws {
        let metric = "confusion matrix"
        try Requirement.equal(predictions.count, labels.count, of: "predictions", metric: metric)
        try Requirement.labels(labels, below: classes, metric: metric)
        try Requirement.labels(predictions, below: classes, metric: metric)
        self.classes = classes
        total = labels.count
        labelCounts = [Int](repeating: 0, count: classes)
        predictionCounts = labelCounts
        for (label, prediction) in zip(labels, predictions) {
            cells[Cell(label: Int32(label), prediction: Int32(prediction)), default: 0] += 1
            labelCounts[label] += 1
            predictionCounts[prediction] += 1
        }
    }

    package subscript(label label: Int, prediction prediction: Int) -> Int {
        cells[Cell(label: Int32(label), prediction: Int32(prediction))] ?? 0
    }

    /// Samples with this label.
    package func labelled(_ label: Int) -> Int { labelCounts[label] }

    /// Samples with this prediction.
    package func predicted(_ prediction: Int) -> Int { predictionCounts[prediction] }

    /// The classes that some sample has or was taken for.
    package var occurring: [Int] {
        (0..<classes).filter { labelCounts[$0] + predictionCounts[$0] > 0 }
    }

    /// The share of a class's samples that were recognised; nil where the class has none.
    package func recall(_ label: Int) -> Double? {
        let count = labelled(label)
        return count > 0 ? Double(self[label: label, prediction: label]) / Double(count) : nil
    }
}
