/// Why a graph could not be built, differentiated or run.
package struct GraphError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// Operands do not fit an operator.
        case shape
        /// A name that nothing carries.
        case unknownName
        /// A name that something else carries.
        case duplicateName
        case notDifferentiable
        /// An input or a state has no value, or one of another shape.
        case unbound
        case unsupported
    }

    package let code: Code
    /// The node or name in question, empty where there is none.
    package var node: String
    package let message: String

    package init(_ code: Code, node: String = "", _ message: String) {
        self.code = code
        self.node = node
        self.message = message
    }
}

extension GraphError: CustomStringConvertible {
    package var description: String { node.isEmpty ? message : "\(node): \(message)" }
}
