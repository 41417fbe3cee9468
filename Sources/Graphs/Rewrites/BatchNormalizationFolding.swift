/// Turns a convolution followed by a normalisation with given statistics into one convolution.
///
/// ```
/// factor  = scale / sqrt(variance + epsilon)
/// weight' = weight * factor
/// bias'   = (bias - mean) * factor + offset
/// ```
/// The new weight and bias are nodes of the graph, so that nothing depends on the values of states: an
/// executor computes them once for each version of the states.
package struct BatchNormalizationFolding: Rewrite {
    package let names: KeptNames

    package init(keeping names: KeptNames = .labels) {
        self.names = names
    }

    package func apply(to graph: Graph) throws -> Graph {
        let uses = ValueUses(of: graph, keeping: names)
        var folded: Set<Int> = []
        for node in graph.nodes where node.operation is BatchNormalizationInference {
            let convolution = graph.node(of: node.inputs[0])
            if convolution.operation is Convolution,
                uses.onlyUser(of: convolution.output()) == node.index
            {
                folded.insert(convolution.index)
            }
        }
        var copy = GraphCopy(of: graph)
        for node in graph.nodes where !folded.contains(node.index) {
            if let normalization = node.operation as? BatchNormalizationInference,
                folded.contains(node.inputs[0].node)
            {
                try fold(normalization, node, into: graph.node(of: node.inputs[0]), &copy)
            } else {
                try copy.copy(node)
            }
        }
        return try copy.finished(keeping: names)
    }

    private func fold(
        _ normalization: BatchNormalizationInference, _ node: Node, into convolution: Node,
        _ copy: inout GraphCopy
    ) throws {
        let operands = copy.images(of: convolution.inputs)
        let statistics = copy.images(of: Array(node.inputs.dropFirst()))
        let (weight, bias) = try copy.result.scoped(convolution.name) { graph in
            let deviation = try graph.inverseDeviation(
                statistics[3], epsilon: normalization.epsilon)
            let factor = try graph.multiply(statistics[0], deviation)
            let byOutput = try graph.reshape(factor, [.copy(0), .size(1), .size(1), .size(1)])
            let weight = try graph.add(
                Binary(.multiply), operands[1], byOutput, name: "folded_weight")
            let centred =
                try operands.count == 3
                ? graph.subtract(operands[2], statistics[2]) : graph.negate(statistics[2])
            let scaled = try graph.multiply(centred, factor)
            return (
                weight,
                try graph.add(Binary(.add), scaled, statistics[1], name: "folded_bias")
            )
        }
        let result = try copy.result.add(
            convolution.operation, operands[0], weight, bias, name: node.name)
        copy.replace(node.output(), with: result)
    }
}
