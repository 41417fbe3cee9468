import Tensors

extension Graph {
    /// Copies the nodes of another graph into this one, with given values in place of its inputs.
    ///
    /// - Parameters:
    ///   - inputs: for each input of `other` the value that takes its place; shapes must agree.
    ///   - prefix: put before the names of its nodes, labels and states, `prefix.name`; empty: as they are.
    ///   - extra: further values of `other` to find again, under names of the caller's.
    /// - Returns: its outputs, labels and `extra` by their names, as values of this graph.
    /// - Throws: `GraphError.unbound` for an input that is not given.
    package mutating func inline(
        _ other: Graph, inputs: [String: Value], prefix: String = "",
        naming extra: [String: Value] = [:]
    ) throws -> [String: Value] {
        var images: [[Value]] = []
        images.reserveCapacity(other.nodes.count)
        func full(_ name: String) -> String { prefix.isEmpty ? name : prefix + "." + name }
        for node in other.nodes {
            switch node.operation {
            case let input as Input:
                guard let value = inputs[input.name] else {
                    throw GraphError(
                        .unbound, node: input.name, "the inlined graph's input is given no value")
                }
                guard shape(of: value) == node.outputs[0].shape else {
                    throw GraphError(
                        .shape, node: input.name,
                        "expects \(node.outputs[0].shape), is given \(shape(of: value))")
                }
                images.append([value])
            case let state as State:
                var declaration = state.declaration
                declaration.name = qualified(full(declaration.name))
                if case .copy(let original) = declaration.initializer {
                    declaration.initializer = .copy(of: qualified(full(original)))
                }
                images.append([try self.state(declaration)])
            default:
                let copy = try append(
                    node.operation, node.inputs.map { images[$0.node][$0.output] },
                    name: full(node.name))
                images.append(copy.outputs.indices.map { copy.output($0) })
            }
        }
        for (name, value) in other.replacements {
            try replace(state: qualified(full(name)), with: images[value.node][value.output])
        }
        var named: [String: Value] = [:]
        for (name, value) in other.labels {
            let image = images[value.node][value.output]
            named[name] = image
            label(image, full(name))
        }
        for (name, value) in other.outputs { named[name] = images[value.node][value.output] }
        for (name, value) in extra { named[name] = images[value.node][value.output] }
        return named
    }
}
