import Batching
package import Evaluation
import Foundation
import Tensors

/// Measures a model with and without labels.
///
/// With labels: accuracy, macro-F1, calibration, accuracy by attribute. Without, against the teacher's
/// answers to the same pairs: agreement, kappa, KL, centred cosine, linear CKA, mutual neighbours,
/// retrieval of the right RGB frame from depth.
package struct ModelEvaluator {
    /// The names of a confusion matrix's rows and columns with its counts.
    package struct Confusion: Sendable, Codable, Equatable {
        package let classes: [String]
        package let counts: [[Int]]
    }

    package struct Outcome {
        package var metrics: MetricReport
        package var confusion: Confusion?
        package var samples: Int
        package var labelled: Int
    }

    /// Compares a model's answers with labels and with a teacher's answers.
    ///
    /// - Parameter projector: the trained map from the student's feature space to the teacher's; nil: what
    ///   needs a common space is left out.
    package static func outcome(
        _ student: ModelAnswers, classes: [String], teacher: ModelAnswers?,
        teacherClasses: [String],
        projector: Projector?
    ) throws -> Outcome {
        var outcome = Outcome(
            metrics: MetricReport(), confusion: nil, samples: student.samples.count, labelled: 0)
        if let logits = student.logits { try addLabels(student, logits, classes, to: &outcome) }
        guard let teacher else { return outcome }
        // Only samples that both could read are compared.
        let rows = Dictionary(
            teacher.samples.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first })
        let common = student.samples.indices.filter { rows[student.samples[$0].id] != nil }
        guard !common.isEmpty else { return outcome }
        let theirs = common.compactMap { rows[student.samples[$0].id] }
        if let ours = student.logits, let answers = teacher.logits, ours.columns == answers.columns,
            classes == teacherClasses
        {
            outcome.metrics.merge(
                try MetricReport.agreement(
                    teacherLogits: answers.selecting(theirs), studentLogits: ours.selecting(common))
            )
        }
        var features = student.pooled.selecting(common)
        if let projector, projector.weight.shape[1] == features.columns {
            features = projected(features, by: projector)
        }
        outcome.metrics.merge(
            try MetricReport.representation(
                teacher: teacher.pooled.selecting(theirs), student: features))
        return outcome
    }

    private static func addLabels(
        _ answers: ModelAnswers, _ logits: FeatureMatrix, _ classes: [String],
        to outcome: inout Outcome
    ) throws {
        let numbers = Dictionary(
            classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let labelled = answers.samples.indices.filter { index in
            answers.samples[index].label.flatMap { numbers[$0] } != nil
        }
        outcome.labelled = labelled.count
        guard !labelled.isEmpty else { return }
        let labels = labelled.compactMap { answers.samples[$0].label.flatMap { numbers[$0] } }
        var attributes: [String: [String]] = [:]
        let names = Set(labelled.flatMap { answers.samples[$0].attributes.keys })
        for name in names {
            attributes[name] = labelled.map { answers.samples[$0].attributes[name] ?? "" }
        }
        let chosen = logits.selecting(labelled)
        outcome.metrics.merge(
            try MetricReport.classification(logits: chosen, labels: labels, attributes: attributes))
        let confusion = try ConfusionMatrix(
            predictions: Metrics.predictions(chosen), labels: labels, classes: classes.count)
        outcome.confusion = Confusion(
            classes: classes,
            counts: (0..<classes.count).map { label in
                (0..<classes.count).map { confusion[label: label, prediction: $0] }
            })
    }

    /// `t = W s + b`: the mean of a projected map is the projected mean.
    private static func projected(_ x: FeatureMatrix, by projector: Projector) -> FeatureMatrix {
        let (outputs, inputs) = (projector.weight.shape[0], projector.weight.shape[1])
        let weights = projector.weight.values
        var values = [Float](repeating: 0, count: x.rows * outputs)
        for row in 0..<x.rows {
            for output in 0..<outputs {
                var sum = projector.bias[output]
                for input in 0..<inputs {
                    sum += x.values[row * inputs + input] * weights[output * inputs + input]
                }
                values[row * outputs + output] = sum
            }
        }
        return FeatureMatrix(rows: x.rows, columns: outputs, values: values)
    }
}
