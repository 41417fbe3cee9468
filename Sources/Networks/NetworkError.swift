/// Why a network, an optimiser or a preprocessing could not be built.
package struct NetworkError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case unknownArchitecture = "network.unknown_architecture"
        case input = "network.input"
        case unknownOperation = "encoding.unknown_operation"
        case operation = "encoding.operation"
        case preprocessing = "network.preprocessing"
        case optimizer = "network.optimizer"
    }

    package let code: Code
    /// The architecture, operation or key in question.
    package let context: String
    package let message: String

    package init(_ code: Code, context: String, _ message: String) {
        self.code = code
        self.context = context
        self.message = message
    }
}

extension NetworkError: CustomStringConvertible {
    package var description: String { "\(context): \(message)" }
}
