import Tensors

/// Computes equal operators of equal operands once: differentiation repeats many small ones.
package struct CommonSubexpressionElimination: Rewrite {
    package let names: KeptNames

    package init(keeping names: KeptNames = .labels) {
        self.names = names
    }

    /// What makes two nodes equal.
    private struct Expression: Hashable {
        var kind: String
        var attributes: [AttributeValue]
        var operands: [Value]
        var constant: Constant?
    }

    package func apply(to graph: Graph) throws -> Graph {
        var copy = GraphCopy(of: graph)
        var first: [Expression: Int] = [:]
        for node in graph.nodes {
            guard let expression = expression(of: node, in: copy) else {
                try copy.copy(node)
                continue
            }
            if let known = first[expression] {
                for index in node.outputs.indices {
                    let image = copy.image(of: graph.nodes[known].output(index))
                    copy.replace(node.output(index), with: image)
                }
            } else {
                first[expression] = node.index
                try copy.copy(node)
            }
        }
        return try copy.finished(keeping: names)
    }

    private func expression(of node: Node, in copy: GraphCopy) -> Expression? {
        switch node.operation {
        case is Input, is State:
            nil
        case let constant as Constant:
            Expression(kind: Constant.kind, attributes: [], operands: [], constant: constant)
        default:
            Expression(
                kind: node.operation.kind, attributes: node.operation.attributes.map(\.value),
                operands: copy.images(of: node.inputs), constant: nil)
        }
    }
}
