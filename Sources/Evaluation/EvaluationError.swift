/// Why a metric cannot be computed.
package struct EvaluationError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Two inputs that belong together differ in size.
        case sizeMismatch = "size_mismatch"
        /// An input holds NaN or infinity.
        case notFinite = "not_finite"
        /// A label or prediction is outside the classes.
        case labelOutOfRange = "label_out_of_range"
        /// There is nothing to measure.
        case noSamples = "no_samples"
        /// A linear-algebra routine failed.
        case algebraFailed = "algebra_failed"
    }

    package let code: Code
    /// The metric.
    package let context: String
    /// What was found and what was expected.
    package let message: String

    package var description: String { "\(context): \(message)" }
}

/// Checks that metrics share.
enum Requirement {
    static func samples(_ count: Int, metric: String) throws {
        guard count > 0 else {
            throw EvaluationError(
                code: .noSamples, context: metric,
                message: "there are no samples; the split that is evaluated must hold at least one")
        }
    }

    static func equal(_ found: Int, _ expected: Int, of what: String, metric: String) throws {
        guard found == expected else {
            throw EvaluationError(
                code: .sizeMismatch, context: metric,
                message: "expected \(expected) \(what), found \(found)")
        }
    }

    static func labels(_ labels: [Int], below classes: Int, metric: String) throws {
        if let position = labels.firstIndex(where: { $0 < 0 || $0 >= classes }) {
            throw EvaluationError(
                code: .labelOutOfRange, context: metric,
                message: "sample \(position) has class \(labels[position]); "
                    + "expected 0 to \(classes - 1)")
        }
    }

    static func finite(_ matrix: FeatureMatrix, metric: String) throws {
        if let position = matrix.values.firstIndex(where: { !$0.isFinite }) {
            throw EvaluationError(
                code: .notFinite, context: metric,
                message: "row \(position / matrix.columns), column \(position % matrix.columns) is "
                    + "\(matrix.values[position]); expected finite features "
                    + "(training diverged, or the model is broken)")
        }
    }

    /// The checks of a metric that compares two sets of features of the same samples.
    static func pair(
        _ first: FeatureMatrix, _ second: FeatureMatrix, sameWidth: Bool, metric: String
    ) throws {
        try samples(first.rows, metric: metric)
        try equal(second.rows, first.rows, of: "rows", metric: metric)
        if sameWidth {
            try equal(second.columns, first.columns, of: "columns", metric: metric)
        }
        try finite(first, metric: metric)
        try finite(second, metric: metric)
    }
}
