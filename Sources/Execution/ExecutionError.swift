/// Why a graph could not be planned or a plan not be run.
package struct ExecutionError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// A name that the plan or the store does not know.
        case unknownName
        /// An input that was never fed, or a state that has no value.
        case unbound
        /// Values of another count or shape than declared.
        case shape
        /// A value outside what an operator accepts, seen while running.
        case value
        /// A library refused or failed.
        case library
        case outOfMemory
    }

    package let code: Code
    /// The node, input, output or state in question, empty where there is none.
    package var name: String
    package let message: String

    package init(_ code: Code, name: String = "", _ message: String) {
        self.code = code
        self.name = name
        self.message = message
    }
}

extension ExecutionError: CustomStringConvertible {
    package var description: String { name.isEmpty ? message : "\(name): \(message)" }
}
