import Tensors

/// Computes nodes whose inputs are all constants, once, when the graph is made.
package struct ConstantFolding: Rewrite {
    /// Results with more elements stay computed: a graph should not grow by its own broadcasts.
    package let largestCount: Int

    package init(largestCount: Int = 1 << 20) {
        self.largestCount = largestCount
    }

    package func apply(to graph: Graph) throws -> Graph {
        var copy = GraphCopy(of: graph)
        var known: [Value: Tensor<Double>] = [:]
        for node in graph.nodes {
            let inputs = node.inputs.compactMap { known[$0] }
            if let constant = node.operation as? Constant {
                known[node.output()] = constant.value
                try copy.copy(node)
            } else if !node.inputs.isEmpty, inputs.count == node.inputs.count,
                node.outputs.allSatisfy({ $0.shape.count <= largestCount })
            {
                let results = try node.operation.evaluate(inputs, outputs: node.outputs)
                for (index, result) in results.enumerated() {
                    let constant = Constant(result, element: node.outputs[index].element)
                    let name = index == 0 ? node.name : "\(node.name).\(index)"
                    known[node.output(index)] = result
                    copy.replace(
                        node.output(index), with: try copy.result.add(constant, name: name))
                }
            } else {
                try copy.copy(node)
            }
        }
        return try copy.finished()
    }
}
