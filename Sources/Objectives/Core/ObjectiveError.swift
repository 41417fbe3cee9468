/// Why an objective could not be made or added to a graph.
package struct ObjectiveError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case unknownMethod = "objective.unknown_method"
        case unknownParameter = "objective.unknown_parameter"
        case parameter = "objective.parameter"
        case missing = "objective.missing_tensor"
        case unknownTap = "objective.unknown_tap"
        case shape = "objective.shape"
        case unregistered = "objective.unregistered"
    }

    package let code: Code
    /// The objective or the key in question, such as `response/kullback-leibler`.
    package var context: String
    package let message: String

    package init(_ code: Code, context: String = "", _ message: String) {
        self.code = code
        self.context = context
        self.message = message
    }
}

extension ObjectiveError: CustomStringConvertible {
    package var description: String { context.isEmpty ? message : "\(context): \(message)" }
}
