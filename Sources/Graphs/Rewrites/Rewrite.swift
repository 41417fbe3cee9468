/// A function from graph to graph that changes how values are computed, never what they are.
///
/// The inputs, outputs and replaced states of the result are those of the original. Names of nodes stay
/// with the values they name; where a rewrite needs a value to vanish, it asks `KeptNames` first.
package protocol Rewrite: Sendable {
    /// - Throws: `GraphError` if the graph cannot be rebuilt.
    func apply(to graph: Graph) throws -> Graph
}

/// Several rewrites, one after the other.
package struct Rewriter: Rewrite {
    package let rewrites: [any Rewrite]

    package init(_ rewrites: [any Rewrite]) {
        self.rewrites = rewrites
    }

    package func apply(to graph: Graph) throws -> Graph {
        try rewrites.reduce(graph) { try $1.apply(to: $0) }
    }

    /// What makes a graph fast that is only run forwards: normalisation folded, convolutions fused.
    ///
    /// The graph must have the shapes it runs with, and is not differentiated afterwards.
    package static func inference(keeping names: KeptNames = .labels) -> Rewriter {
        Rewriter([
            DeadNodeElimination(keeping: names),
            IdentityElimination(isFinal: true, keeping: names),
            ConstantFolding(),
            BatchNormalizationFolding(keeping: names),
            ConvolutionFusion(keeping: names),
            CommonSubexpressionElimination(keeping: names),
            DeadNodeElimination(keeping: names),
        ])
    }

    /// What makes a differentiated graph smaller: computed constants, repeated and unused nodes.
    ///
    /// The graph must have the shapes it runs with, and is not differentiated afterwards.
    package static func training(keeping names: KeptNames = .labels) -> Rewriter {
        Rewriter([
            DeadNodeElimination(keeping: names),
            IdentityElimination(isFinal: true, keeping: names),
            ConstantFolding(),
            CommonSubexpressionElimination(keeping: names),
            DeadNodeElimination(keeping: names),
        ])
    }
}

/// Which names, beside outputs, must still find their values after a rewrite.
package enum KeptNames: Sendable, Hashable {
    /// All labels.
    case labels
    /// These labels and nodes alone.
    case only(Set<String>)

    /// The values of a graph that carry a kept name.
    func values(in graph: Graph) -> Set<Value> {
        switch self {
        case .labels:
            Set(graph.labels.values)
        case .only(let names):
            Set(graph.labels.filter { names.contains($0.key) }.values).union(
                graph.nodes.filter { names.contains($0.name) }.map { $0.output() })
        }
    }

    /// Whether a label must stay.
    func contains(label: String) -> Bool {
        switch self {
        case .labels: true
        case .only(let names): names.contains(label)
        }
    }

    /// Whether a node's own name must still find its value.
    func contains(node: String) -> Bool {
        switch self {
        case .labels: false
        case .only(let names): names.contains(node)
        }
    }
}
