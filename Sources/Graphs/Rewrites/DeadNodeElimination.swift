/// Drops every node that no output, replaced state or kept name depends on, inputs and states included.
package struct DeadNodeElimination: Rewrite {
    package let names: KeptNames
    /// Whether inputs that nothing reads stay declared.
    package let keepsInputs: Bool

    package init(keeping names: KeptNames = .labels, keepsInputs: Bool = false) {
        self.names = names
        self.keepsInputs = keepsInputs
    }

    package func apply(to graph: Graph) throws -> Graph {
        var live = [Bool](repeating: false, count: graph.nodes.count)
        for (_, value) in graph.outputs { live[value.node] = true }
        for (state, value) in graph.replacements {
            live[value.node] = true
            if let state = graph.declaredState(named: state) { live[state.value.node] = true }
        }
        for value in names.values(in: graph) { live[value.node] = true }
        if keepsInputs {
            for (_, value) in graph.inputs { live[value.node] = true }
        }
        for node in graph.nodes.reversed() where live[node.index] {
            for input in node.inputs { live[input.node] = true }
        }
        var copy = GraphCopy(of: graph)
        for node in graph.nodes where live[node.index] { try copy.copy(node) }
        return try copy.finished(keeping: names)
    }
}
