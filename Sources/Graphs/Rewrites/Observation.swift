/// Applies an operator of one input to given values, right behind the nodes that compute them, and makes its
/// results readable.
///
/// What is observed is then needed no longer than without.
package struct Observation: Rewrite {
    package let operation: any Operator
    /// The values, and what their observations are called.
    package let values: [(value: Value, output: String)]

    package init(_ operation: any Operator, of values: [(value: Value, output: String)]) {
        self.operation = operation
        self.values = values
    }

    package func apply(to graph: Graph) throws -> Graph {
        let byNode = Dictionary(grouping: values) { $0.value.node }
        var copy = GraphCopy(of: graph)
        var observed: [(output: String, value: Value)] = []
        for node in graph.nodes {
            try copy.copy(node)
            for (value, output) in byNode[node.index] ?? [] {
                let result = try copy.result.append(operation, [copy.image(of: value)])
                observed.append((output, result.output()))
            }
        }
        var result = try copy.finished()
        for (output, value) in observed { result.output(output, value) }
        return result
    }
}
