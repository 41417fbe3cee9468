/// Why a job cannot be done: with a stable code for programs and a message for people.
package struct DistillationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A stable dotted code, such as `dataset.no_pairs`.
    package let code: String
    /// What was found and what was expected.
    package let message: String
    /// What to do about it.
    package let hint: String?
    /// Whether trying again may help.
    package let retryable: Bool

    package init(_ code: String, _ message: String, hint: String? = nil, retryable: Bool = false) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
