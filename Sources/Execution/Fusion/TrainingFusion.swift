import Graphs
import Tensors

/// Joins, in a differentiated graph, what can be computed in one pass over memory.
///
/// - Forwards: batch normalisation, the residual added to it and the rectifier.
/// - Backwards: the sum of two gradients, the rectifier's mask and the gradient of batch normalisation.
struct TrainingFusion: Rewrite {
    /// Nodes that become one.
    private struct Group {
        var operation: any Operator
        var inputs: [Value]
        /// For each value that stays readable, which output of the group it becomes.
        var outputs: [Value: Int]
        var members: Set<Int>
    }

    func apply(to graph: Graph) throws -> Graph {
        let uses = Uses(of: graph)
        // By the node in whose place the group stands.
        var groups: [Int: Group] = [:]
        var members: Set<Int> = []
        for node in graph.nodes.reversed() {
            let group: (place: Int, group: Group)? =
                switch node.operation {
                case let normalization as BatchNormalization:
                    forwards(node, normalization, graph, uses)
                case is RectifierGradient: backwards(node, ceiling: .infinity, graph, uses)
                case let gradient as ClipGradient
                where gradient.clip.minimum == 0 && gradient.clip.maximum > 0:
                    backwards(node, ceiling: gradient.clip.maximum, graph, uses)
                case let gradient as BatchNormalizationGradient:
                    meeting(node, gradient, graph, uses)
                default: nil
                }
            guard let (place, group) = group, members.isDisjoint(with: group.members) else {
                continue
            }
            groups[place] = group
            members.formUnion(group.members)
        }
        guard !groups.isEmpty else { return graph }
        return try rebuild(graph, groups: groups, members: members)
    }

    // MARK: Patterns

    private func forwards(
        _ node: Node, _ normalization: BatchNormalization, _ graph: Graph, _ uses: Uses
    ) -> (Int, Group)? {
        guard ChannelRows(node.outputs[0].shape) != nil,
            let next = uses.onlyUser(of: node.output()).map({ graph.nodes[$0] })
        else { return nil }
        var last = next
        var inputs = node.inputs
        var members: Set<Int> = [node.index, next.index]
        var adds = false
        if isSum(next, graph), next.inputs[0] != next.inputs[1] {
            inputs.append(next.inputs[0] == node.output() ? next.inputs[1] : next.inputs[0])
            adds = true
            let after = uses.onlyUser(of: next.output()).map { graph.nodes[$0] }
            if let after, ceiling(of: after) != nil {
                last = after
                members.insert(after.index)
            }
        }
        guard let ceiling = ceiling(of: last) ?? (adds ? 0 : nil) else { return nil }
        let operation = NormalizedActivation(
            epsilon: normalization.epsilon, addsResidual: adds, ceiling: ceiling)
        var outputs = [last.output(): 0]
        for index in 1...3 { outputs[node.output(index)] = index }
        return (
            last.index,
            Group(operation: operation, inputs: inputs, outputs: outputs, members: members)
        )
    }

    /// The upper limit of an activation that lets what is positive pass.
    private func ceiling(of node: Node) -> Double? {
        switch node.operation {
        case is Rectifier: .infinity
        case let clip as Clip where clip.minimum == 0 && clip.maximum > 0: clip.maximum
        default: nil
        }
    }

    /// Two gradients that meet behind a normalisation without activation.
    private func meeting(
        _ node: Node, _ gradient: BatchNormalizationGradient, _ graph: Graph, _ uses: Uses
    ) -> (Int, Group)? {
        let sum = graph.node(of: node.inputs[0])
        guard isSum(sum, graph), ChannelRows(node.outputs[0].shape) != nil,
            // The first who needs the sum makes it.
            uses.users(of: sum.output()).min() == node.index
        else { return nil }
        // The second pass reads what the first one kept.
        var outputs: [Value: Int] = [sum.output(): 3]
        for index in 0..<3 { outputs[node.output(index)] = index }
        let operation = NormalizedActivationGradient(
            epsilon: gradient.epsilon, adds: true, keepsMasked: true, ceiling: 0)
        return (
            node.index,
            Group(
                operation: operation, inputs: sum.inputs + node.inputs.dropFirst(),
                outputs: outputs, members: [sum.index, node.index])
        )
    }

    private func backwards(
        _ node: Node, ceiling: Double, _ graph: Graph, _ uses: Uses
    ) -> (Int, Group)? {
        let y = node.inputs[0]
        let sum = graph.node(of: node.inputs[1])
        let adds = isSum(sum, graph) && uses.onlyUser(of: sum.output()) == node.index
        let gradients = adds ? sum.inputs : [node.inputs[1]]
        var members: Set<Int> = adds ? [node.index, sum.index] : [node.index]
        let users = uses.users(of: node.output())
        let next = users.map { graph.nodes[$0] }.first { user in
            user.operation is BatchNormalizationGradient && user.inputs[0] == node.output()
                && ChannelRows(user.outputs[0].shape) != nil
        }
        guard let next, let gradient = next.operation as? BatchNormalizationGradient else {
            guard adds else { return nil }
            let group = Group(
                operation: MaskedSum(ceiling: ceiling), inputs: [y] + gradients,
                outputs: [node.output(): 0],
                members: members)
            return (node.index, group)
        }
        members.insert(next.index)
        let keepsMasked = adds || users.count > 1 || uses.isKept(node.output())
        var outputs: [Value: Int] = keepsMasked ? [node.output(): 3] : [:]
        for index in 0..<3 { outputs[next.output(index)] = index }
        let operation = NormalizedActivationGradient(
            epsilon: gradient.epsilon, adds: adds, keepsMasked: keepsMasked, ceiling: ceiling)
        let inputs = gradients + [y] + next.inputs.dropFirst()
        return (
            node.index,
            Group(operation: operation, inputs: inputs, outputs: outputs, members: members)
        )
    }

    private func isSum(_ node: Node, _ graph: Graph) -> Bool {
        guard let binary = node.operation as? Binary, binary.function == .add else { return false }
        return node.inputs.allSatisfy { graph.shape(of: $0) == node.outputs[0].shape }
    }

    // MARK: Rebuilding

    private func rebuild(
        _ graph: Graph, groups: [Int: Group], members: Set<Int>
    ) throws -> Graph {
        var result = Graph()
        var images: [Value: Value] = [:]
        // A group may stand behind nodes that use its first results: those wait for it.
        var waiting: [Int] = []
        func emit(_ index: Int) throws -> Bool {
            let node = graph.nodes[index]
            let inputs = groups[index]?.inputs ?? node.inputs
            let operands = inputs.compactMap { images[$0] }
            guard operands.count == inputs.count else { return false }
            if let group = groups[index] {
                let fused = try result.append(group.operation, operands, name: node.name)
                for (value, output) in group.outputs { images[value] = fused.output(output) }
                return true
            }
            switch node.operation {
            case let input as Input:
                images[node.output()] = try result.input(
                    input.name, node.outputs[0].shape, element: node.outputs[0].element)
            case let state as State:
                images[node.output()] = try result.state(state.declaration)
            default:
                let copy = try result.append(node.operation, operands, name: node.name)
                for output in node.outputs.indices {
                    images[node.output(output)] = copy.output(output)
                }
            }
            return true
        }
        for index in graph.nodes.indices where groups[index] != nil || !members.contains(index) {
            waiting.append(index)
            var progresses = true
            while progresses {
                let before = waiting.count
                waiting = try waiting.filter { try !emit($0) }
                progresses = waiting.count < before && !waiting.isEmpty
            }
        }
        precondition(waiting.isEmpty, "fused nodes wait for each other")
        for (name, value) in graph.outputs {
            guard let image = images[value] else { preconditionFailure("output \(name) vanished") }
            result.output(name, image)
        }
        for (state, value) in graph.replacements {
            guard let image = images[value] else { preconditionFailure("\(state) vanished") }
            try result.replace(state: state, with: image)
        }
        return result
    }
}

/// Who uses which value.
private struct Uses {
    private var byValue: [Value: [Int]] = [:]
    private var kept: Set<Value> = []

    init(of graph: Graph) {
        for node in graph.nodes {
            for (position, input) in node.inputs.enumerated()
            where !KernelTable.readsShapeOnly(node.operation, input: position) {
                byValue[input, default: []].append(node.index)
            }
        }
        kept = Set(graph.outputs.map(\.value) + graph.replacements.map(\.value))
    }

    func users(of value: Value) -> [Int] { byValue[value] ?? [] }
    func isKept(_ value: Value) -> Bool { kept.contains(value) }

    func onlyUser(of value: Value) -> Int? {
        let users = users(of: value)
        return users.count == 1 && !isKept(value) ? users[0] : nil
    }
}
