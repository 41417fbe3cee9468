/// The part of a graph that computes given values, which become its outputs.
///
/// So a teacher gives its taps, an imported network loses its final softmax, and a student leaves its
/// training graph.
package struct Extraction: Rewrite {
    /// For each output of the result the name by which the graph finds its value.
    package let outputs: [(name: String, source: String)]
    /// Whether states are still replaced at the end of a run.
    package let keepsReplacements: Bool
    package let names: KeptNames

    package init(
        outputs: [(name: String, source: String)], keepsReplacements: Bool = false,
        keeping names: KeptNames = .only([])
    ) {
        self.outputs = outputs
        self.keepsReplacements = keepsReplacements
        self.names = names
    }

    /// - Throws: `GraphError.unknownName` with the names nearby.
    package func apply(to graph: Graph) throws -> Graph {
        var copy = GraphCopy(of: graph)
        for node in graph.nodes { try copy.copy(node) }
        var result = copy.result
        for (name, source) in outputs {
            result.output(name, copy.image(of: try graph.value(named: source)))
        }
        if keepsReplacements {
            for (state, value) in graph.replacements {
                try result.replace(state: state, with: copy.image(of: value))
            }
        }
        for (name, value) in graph.labels where names.contains(label: name) {
            result.label(copy.image(of: value), name)
        }
        return try DeadNodeElimination(keeping: names).apply(to: result)
    }
}
