import Batching
package import Evaluation
import Foundation
import Tensors

/// Measures a model with and without labels.
///
/// With labels: accuracy, macro-F1, calibration, accuracy by attribute, probes on frozen features. Without,
/// against the teacher's answers to the same pairs: agreement, kappa, KL, centred cosine, linear CKA, mutual
/// neighbours, retrieval of the right RGB frame from depth, and what linear maps that are fitted to its answers read
/// from the features; and, as a control, what the teacher itself makes of the model's modality. Alone:
/// flip consistency, effective rank.
package struct ModelEvaluator {
    /// The names of a confusion matrix's rows and columns with its counts.
    package struct Confusion: Sendable, Codable, Equatable {
        package let classes: [String]
        package let counts: [[Int]]

        /// The most classes of which a table is made.
        static let most = 512

        /// Of all classes or, where they are more, of those that occur; nil where these are too many as well.
        init?(_ matrix: ConfusionMatrix, classes: [String]) {
            let shown = classes.count <= Self.most ? Array(classes.indices) : matrix.occurring
            guard shown.count <= Self.most else { return nil }
            self.classes = shown.map { classes[$0] }
            counts = shown.map { label in shown.map { matrix[label: label, prediction: $0] } }
        }
    }

    package struct Outcome: Sendable {
        package var metrics = MetricReport()
        /// By metric, for those that are means over samples.
        package var scores: [String: SampleScores] = [:]
        /// Metrics that could not be had, each with the reason.
        package var leftOut: [String: String] = [:]
        package var confusion: Confusion?
        package var samples = 0
        package var labelled = 0
        /// Training samples that the probes were fitted to.
        package var probeSamples = 0

        package init() {}
    }

    /// What is measured beyond the model's own answers, and why something is missing.
    package struct Beside {
        /// The model's answers to the mirrored frames.
        package var mirrored: ModelAnswers?
        /// The model's answers to labelled training frames.
        package var known: ModelAnswers?
        /// The model's and the teacher's answers to training pairs, labelled or not.
        package var pairs: (own: ModelAnswers, teacher: ModelAnswers)?
        /// The teacher's answers to the model's own modality, shown as pictures.
        package var fed: ModelAnswers?
        package var noTeacher = "the model has no teacher"
        package var noMirrored = "the mirrored frames were not looked at"
        package var noKnown = "no training samples were looked at"
        package var noPairs = "no training pairs were looked at"
        package var noFed = "the teacher was not shown what the model sees"

        package init() {}
    }

    /// Compares a model's answers with labels and with a teacher's answers.
    ///
    /// - Parameter projector: the trained map from the student's feature space to the teacher's; nil: what
    ///   needs a common space is left out.
    /// - Throws: `EvaluationError` for features that are not finite.
    package static func outcome(
        _ student: ModelAnswers, classes: [String], teacher: ModelAnswers?,
        teacherClasses: [String], projector: Projector?, beside: Beside = Beside()
    ) throws -> Outcome {
        var outcome = Outcome()
        outcome.samples = student.samples.count
        try outcome.addLabels(student, classes)
        try outcome.addProbes(student, beside)
        try outcome.addFlips(student, beside)
        guard let teacher else {
            for group in MetricGroup.ofTeacher { outcome.leaveOut(group, beside.noTeacher) }
            do {
                outcome.metrics["effective_rank"] = try Metrics.effectiveRank(student.pooled)
            } catch let error as EvaluationError {
                outcome.leftOut["effective_rank"] = error.message
            }
            return outcome
        }
        try outcome.addTeacher(
            student, classes, teacher, teacherClasses, projector: projector)
        try outcome.addReadings(student, teacher, teacherClasses, beside)
        try outcome.addFed(teacher, teacherClasses, beside)
        return outcome
    }

    /// The student's features in the teacher's space; as they are where the projector is not theirs.
    static func projected(_ features: FeatureMatrix, by projector: Projector?) -> FeatureMatrix {
        guard let projector, projector.weight.shape[1] == features.columns else { return features }
        let (outputs, inputs) = (projector.weight.shape[0], projector.weight.shape[1])
        let weights = projector.weight.values
        var values = [Float](repeating: 0, count: features.rows * outputs)
        for row in 0..<features.rows {
            for output in 0..<outputs {
                // `t = W s + b`: the mean of a projected map is the projected mean.
                var sum = projector.bias[output]
                for input in 0..<inputs {
                    sum += features.values[row * inputs + input] * weights[output * inputs + input]
                }
                values[row * outputs + output] = sum
            }
        }
        return FeatureMatrix(rows: features.rows, columns: outputs, values: values)
    }
}

extension ModelEvaluator.Outcome {
    /// Notes why the metrics of a group are missing.
    mutating func leaveOut(_ group: MetricGroup, _ reason: String) {
        for name in group.names { leftOut[name] = reason }
    }

    /// Adds a report that was made of these samples, one a row.
    mutating func add(_ report: MetricReport, of samples: [Sample]) {
        metrics.merge(report)
        let ids = samples.map(\.id)
        for (name, values) in report.rows {
            scores[name] = SampleScores(samples: ids, values: values)
        }
    }
}
