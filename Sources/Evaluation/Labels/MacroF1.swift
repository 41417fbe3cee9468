extension Metrics {
    /// The mean over classes of `F1 = 2 TP / (2 TP + FP + FN)`.
    ///
    /// Classes that occur neither as label nor as prediction are left out; 0 where all are.
    package static func macroF1(_ confusion: ConfusionMatrix) -> Double {
        var scores: [Double] = []
        for each in 0..<confusion.classes {
            let either = confusion.labelled(each) + confusion.predicted(each)
            guard either > 0 else { continue }
            scores.append(2 * Double(confusion[label: each, prediction: each]) / Double(either))
        }
        return scores.isEmpty ? 0 : scores.reduce(0, +) / Double(scores.count)
    }
}
