package import Graphs

/// A rule by which parameters follow their gradients, as nodes of the training graph.
package protocol Optimizer: Sendable {
    /// Appends the update of every parameter and registers the new values as replacements of states.
    ///
    /// Adds the output `gradient.norm`, the length of the whole gradient before any clipping.
    /// - Parameters:
    ///   - gradients: for each parameter its gradient, of its shape.
    ///   - learningRate: a scalar, usually an input.
    /// - Throws: `NetworkError.optimizer` if there is nothing to update.
    func apply(
        gradients: [(declaration: StateDeclaration, gradient: Value)], learningRate: Value,
        to graph: inout Graph
    ) throws
}

extension Optimizer {
    /// Differentiates a scalar loss and appends the update of every parameter it depends on.
    ///
    /// - Parameters:
    ///   - isTrained: which parameters to train; those of a frozen network are left out.
    /// - Returns: the parameters that are updated.
    /// - Throws: `GraphError.notDifferentiable`, `NetworkError.optimizer` if the loss depends on none.
    @discardableResult
    package func minimize(
        _ loss: Value, learningRate: Value, in graph: inout Graph,
        where isTrained: (StateDeclaration) -> Bool = { _ in true }
    ) throws -> [StateDeclaration] {
        let parameters = graph.states.filter {
            $0.declaration.role == .parameter && isTrained($0.declaration)
        }
        let gradients = try graph.gradients(of: loss, for: parameters.map(\.value))
        let pairs = zip(parameters, gradients).compactMap { parameter, gradient in
            gradient.map { (declaration: parameter.declaration, gradient: $0) }
        }
        try apply(gradients: pairs, learningRate: learningRate, to: &graph)
        return pairs.map(\.declaration)
    }
}

/// The one point that all gradients pass on their way to an optimiser.
///
/// Where several processes train on parts of a batch, their gradients are averaged here; one process has
/// nothing to reduce.
/// - Shapes: each gradient as its parameter.
func reduceGradients(
    _ gradients: [(declaration: StateDeclaration, gradient: Value)], in graph: inout Graph
) throws -> [(declaration: StateDeclaration, gradient: Value)] {
    for (declaration, gradient) in gradients where graph.shape(of: gradient) != declaration.shape {
        throw NetworkError(
            .optimizer, context: declaration.name,
            "the parameter has shape \(declaration.shape), its gradient "
                + "\(graph.shape(of: gradient))")
    }
    return gradients
}
