package import Tensors

/// Runs a graph node by node in float64: slow, simple, exact. The oracle of every test.
package struct Interpreter: Sendable {
    package let graph: Graph
    /// The values of all states, by name.
    package var states: [String: Tensor<Double>]

    package init(_ graph: Graph, states: [String: Tensor<Double>] = [:]) {
        self.graph = graph
        self.states = states
    }

    /// Evaluates the graph, applies the replacements of states and returns the outputs by name.
    ///
    /// - Throws: `GraphError.unbound` for an input or a state without a value of the right shape, and
    ///   whatever an operator throws.
    package mutating func run(
        _ feeds: [String: Tensor<Double>] = [:]
    ) throws -> [String: Tensor<Double>] {
        let values = try evaluate(feeds)
        var results: [String: Tensor<Double>] = [:]
        for (name, value) in graph.outputs { results[name] = values[value.node][value.output] }
        for (state, value) in graph.replacements {
            states[state] = values[value.node][value.output]
        }
        return results
    }

    /// Every value of the graph, by node and output.
    package func evaluate(
        _ feeds: [String: Tensor<Double>]
    ) throws -> [[Tensor<Double>]] {
        var values: [[Tensor<Double>]] = []
        values.reserveCapacity(graph.nodes.count)
        for node in graph.nodes {
            switch node.operation {
            case let input as Input:
                values.append([try bound(feeds[input.name], node, "input")])
            case let state as State:
                values.append([try bound(states[state.declaration.name], node, "state")])
            default:
                let inputs = node.inputs.map { values[$0.node][$0.output] }
                let results = try node.operation.evaluate(inputs, outputs: node.outputs)
                for (result, type) in zip(results, node.outputs) {
                    precondition(
                        result.shape == type.shape,
                        "\(node.name): evaluated to \(result.shape), inferred \(type.shape)")
                }
                values.append(results)
            }
        }
        return values
    }

    private func bound(
        _ value: Tensor<Double>?, _ node: Node, _ what: String
    ) throws -> Tensor<Double> {
        guard let value else {
            throw GraphError(.unbound, node: node.name, "the \(what) has no value")
        }
        guard value.shape == node.outputs[0].shape else {
            throw GraphError(
                .unbound, node: node.name,
                "the \(what) has shape \(value.shape), the graph wants \(node.outputs[0].shape)")
        }
        return value
    }
}
