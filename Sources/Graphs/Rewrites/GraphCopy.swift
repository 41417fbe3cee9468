/// A graph rebuilt node by node: what every rewrite is made of.
struct GraphCopy {
    let source: Graph
    var result = Graph()
    /// For each value of the source its counterpart, where it has one.
    private var images: [Value: Value] = [:]

    init(of source: Graph) {
        self.source = source
    }

    /// The counterpart of a value of the source.
    ///
    /// - Precondition: its node was copied or replaced before.
    func image(of value: Value) -> Value {
        guard let image = images[value] else {
            preconditionFailure("\(source.node(of: value).name) was dropped but is used")
        }
        return image
    }

    func images(of values: [Value]) -> [Value] { values.map { image(of: $0) } }

    /// Takes a node over as it is.
    mutating func copy(_ node: Node) throws {
        switch node.operation {
        case let input as Input:
            let type = node.outputs[0]
            images[node.output()] = try result.input(input.name, type.shape, element: type.element)
        case let state as State:
            images[node.output()] = try result.state(state.declaration)
        default:
            let copy = try result.append(
                node.operation, images(of: node.inputs), name: node.name)
            for index in node.outputs.indices { images[node.output(index)] = copy.output(index) }
        }
    }

    /// Lets a value of the result stand for a value of the source.
    mutating func replace(_ value: Value, with image: Value) {
        images[value] = image
    }

    /// The new graph with the outputs, replaced states and names of the old one.
    ///
    /// Labels of values that vanished are dropped. A node that vanished and whose name is kept becomes a
    /// label of the value that stands for it.
    func finished(keeping names: KeptNames = .labels) throws -> Graph {
        var graph = result
        for (name, value) in source.outputs { graph.output(name, image(of: value)) }
        for (state, value) in source.replacements {
            try graph.replace(state: state, with: image(of: value))
        }
        for (name, value) in source.labels where names.contains(label: name) {
            if let image = images[value] { graph.label(image, name) }
        }
        for node in source.nodes where names.contains(node: node.name) {
            guard let image = images[node.output()], graph.labels[node.name] == nil,
                graph.node(of: image).name != node.name
            else { continue }
            graph.label(image, node.name)
        }
        return graph
    }
}

/// Who uses which value of a graph.
struct ValueUses {
    private var counts: [Value: Int] = [:]
    private var users: [Value: Int] = [:]
    private var kept: Set<Value>

    init(of graph: Graph, keeping names: KeptNames) {
        kept = names.values(in: graph)
        for (_, value) in graph.outputs { kept.insert(value) }
        for (_, value) in graph.replacements { kept.insert(value) }
        for node in graph.nodes {
            for input in node.inputs {
                counts[input, default: 0] += 1
                users[input] = node.index
            }
        }
    }

    /// The node that alone uses a value, nil if there are others or the value must stay readable.
    func onlyUser(of value: Value) -> Int? {
        counts[value] == 1 && !kept.contains(value) ? users[value] : nil
    }
}
