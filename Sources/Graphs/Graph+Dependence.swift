extension Graph {
    /// For each node whether it depends on an input; all others are the same in every run of the same states.
    package var dependsOnInput: [Bool] {
        var depends: [Bool] = []
        depends.reserveCapacity(nodes.count)
        for node in nodes {
            depends.append(node.operation is Input || node.inputs.contains { depends[$0.node] })
        }
        return depends
    }
}
