extension Graph {
    /// What a graph computes behind one of its values, as a graph of its own.
    ///
    /// - Parameters:
    ///   - value: becomes the input called `input`.
    ///   - result: becomes the output called `output`.
    /// - Throws: `GraphError.unbound` where the result depends on an input of this graph in another way than
    ///   through `value`.
    package func tail(
        from value: Value, input: String, to result: Value, output: String
    ) throws -> Graph {
        var isNeeded = [Bool](repeating: false, count: nodes.count)
        var open = result == value ? [] : [result.node]
        while let index = open.popLast() {
            guard !isNeeded[index] else { continue }
            isNeeded[index] = true
            if nodes[index].operation is Input {
                throw GraphError(
                    .unbound, node: node(of: result).name,
                    "depends on the input `\(nodes[index].name)` in another way than through "
                        + "`\(node(of: value).name)`")
            }
            open += nodes[index].inputs.filter { $0 != value }.map(\.node)
        }
        var tail = Graph()
        let type = type(of: value)
        var images: [Value: Value] = [
            value: try tail.input(input, type.shape, element: type.element)
        ]
        for node in nodes where isNeeded[node.index] {
            if let state = node.operation as? State {
                images[node.output()] = try tail.state(state.declaration)
                continue
            }
            let inputs = node.inputs.compactMap { images[$0] }
            precondition(inputs.count == node.inputs.count, "nodes are in topological order")
            let copy = try tail.append(node.operation, inputs, name: node.name)
            for number in copy.outputs.indices
            where images[node.output(number)] == nil {
                images[node.output(number)] = copy.output(number)
            }
        }
        guard let image = images[result] else { preconditionFailure("the result is needed") }
        tail.output(output, image)
        return tail
    }
}
