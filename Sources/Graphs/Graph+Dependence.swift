extension Graph {
    /// For each node whether it depends on an input; all others are the same in every run of the same states.
    package var dependsOnInput: [Bool] { depends { $0 is Input } }

    /// For each node whether it depends on a state; all others have nothing in them that was learned.
    package var dependsOnState: [Bool] { depends { $0 is State } }

    private func depends(_ isSource: (any Operator) -> Bool) -> [Bool] {
        var depends: [Bool] = []
        depends.reserveCapacity(nodes.count)
        for node in nodes {
            depends.append(isSource(node.operation) || node.inputs.contains { depends[$0.node] })
        }
        return depends
    }
}
