package import Tensors

/// A pure function of tensors with its shape rule, its exact meaning and its derivative.
///
/// To add one: a file in `Operators/` with a struct that conforms, a builder method on `Graph`, and, for
/// speed, a kernel in `Execution/Kernels` with its line in the kernel table. Without a kernel the executor
/// runs `evaluate`. Attributes never hold a batch extent, so that a graph can be bound to another batch.
package protocol Operator: Sendable {
    /// The name people see, such as `Convolution`.
    static var kind: String { get }

    /// The types of the outputs.
    ///
    /// - Throws: `GraphError.shape` that names what was found and what is accepted.
    func infer(_ inputs: [TensorType]) throws -> [TensorType]

    /// The exact value in float64, the oracle that kernels are tested against.
    ///
    /// Integers and booleans are carried as doubles. `outputs` are the inferred types.
    func evaluate(_ inputs: [Tensor<Double>], outputs: [TensorType]) throws -> [Tensor<Double>]

    /// Adds the nodes of the vector-Jacobian product and returns a gradient for each input.
    ///
    /// - Parameters:
    ///   - node: the node of this operator in `graph`.
    ///   - gradients: for each output its gradient, nil where nothing depends on it.
    ///   - needed: for each input whether its gradient is wanted at all.
    /// - Returns: for each input its gradient, nil where none flows or none is needed.
    func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?]

    /// What identifies this operator beside its kind, for listings, digests and export. Two operators of one
    /// kind and equal attributes must be the same function.
    var attributes: [(name: String, value: AttributeValue)] { get }

    /// Multiplications with an addition, the usual measure of work; 0 for operators that are bound by memory.
    func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int
}

/// An attribute as listings and digests show it.
package enum AttributeValue: Sendable, Hashable {
    case integer(Int)
    case integers([Int])
    case number(Double)
    case text(String)
    case flag(Bool)
}

extension Operator {
    package var kind: String { Self.kind }
    package var attributes: [(name: String, value: AttributeValue)] { [] }
    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int { 0 }

    /// Most operators that have no derivative say so here.
    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        throw GraphError(
            .notDifferentiable, node: node.name,
            "operator \(Self.kind) has no derivative; put a StopGradient before it or choose another"
        )
    }
}
