/// One output of one node: an edge's tail.
package struct Value: Sendable, Hashable {
    /// Index of the node in its graph.
    package let node: Int
    /// Which of the node's outputs.
    package let output: Int

    package init(node: Int, output: Int = 0) {
        self.node = node
        self.output = output
    }
}

/// An operator applied to values, under a name that is unique in its graph.
package struct Node: Sendable {
    package let index: Int
    package let name: String
    package let operation: any Operator
    package let inputs: [Value]
    /// One type for each output, inferred.
    package internal(set) var outputs: [TensorType]

    /// The same node with outputs of other types, such as those of a part of the batch.
    package func with(outputs: [TensorType]) -> Node {
        var node = self
        node.outputs = outputs
        return node
    }

    package func output(_ index: Int = 0) -> Value {
        Value(node: self.index, output: index)
    }
}
