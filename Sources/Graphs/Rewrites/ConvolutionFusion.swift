import Tensors

/// Joins a convolution with the residual added to it and the rectifier that follows, for inference.
///
/// `Convolution -> Add -> Rectifier`, `Convolution -> Rectifier` and `Convolution -> Add` become one
/// `FusedConvolution`, where nothing else reads the values between.
package struct ConvolutionFusion: Rewrite {
    package let names: KeptNames

    package init(keeping names: KeptNames = .labels) {
        self.names = names
    }

    /// A convolution and what it absorbs.
    private struct Chain {
        var convolution: Node
        var residual: Value?
        var rectifies = false
        /// The nodes that vanish, the last excepted.
        var inner: Set<Int>
        /// The node whose value the fused convolution gives.
        var last: Node
    }

    package func apply(to graph: Graph) throws -> Graph {
        let uses = ValueUses(of: graph, keeping: names)
        var chains: [Int: Chain] = [:]
        var vanishing: Set<Int> = []
        // The later convolution of a sum absorbs it; the earlier one gives the residual.
        for node in graph.nodes.reversed() where node.operation is Convolution {
            guard let chain = chain(from: node, in: graph, uses),
                chains[chain.last.index] == nil, !vanishing.contains(chain.last.index),
                vanishing.isDisjoint(with: chain.inner)
            else { continue }
            chains[chain.last.index] = chain
            vanishing.formUnion(chain.inner)
        }
        var copy = GraphCopy(of: graph)
        for node in graph.nodes where !vanishing.contains(node.index) {
            if let chain = chains[node.index] {
                try fuse(chain, &copy)
            } else {
                try copy.copy(node)
            }
        }
        return try copy.finished(keeping: names)
    }

    private func chain(from convolution: Node, in graph: Graph, _ uses: ValueUses) -> Chain? {
        var chain = Chain(convolution: convolution, inner: [], last: convolution)
        if let index = uses.onlyUser(of: chain.last.output()),
            let sum = graph.nodes[index].operation as? Binary, sum.function == .add
        {
            let sum = graph.nodes[index]
            let residual = sum.inputs[0] == chain.last.output() ? sum.inputs[1] : sum.inputs[0]
            if graph.type(of: residual) == convolution.outputs[0] {
                chain.residual = residual
                chain.inner.insert(chain.last.index)
                chain.last = sum
            }
        }
        if let index = uses.onlyUser(of: chain.last.output()),
            graph.nodes[index].operation is Rectifier
        {
            chain.rectifies = true
            chain.inner.insert(chain.last.index)
            chain.last = graph.nodes[index]
        }
        return chain.inner.isEmpty ? nil : chain
    }

    private func fuse(_ chain: Chain, _ copy: inout GraphCopy) throws {
        guard let convolution = chain.convolution.operation as? Convolution else { return }
        var operands = copy.images(of: chain.convolution.inputs)
        if operands.count == 2 {
            let outputs = chain.convolution.outputs[0].shape[1]
            operands.append(
                try copy.result.constant(
                    Tensor(shape: [outputs], repeating: 0),
                    name: "\(chain.convolution.name).zero_bias"))
        }
        if let residual = chain.residual { operands.append(copy.image(of: residual)) }
        let fused = try copy.result.append(
            FusedConvolution(
                convolution, rectifies: chain.rectifies, addsResidual: chain.residual != nil),
            operands, name: chain.last.name)
        copy.replace(chain.last.output(), with: fused.output())
    }
}
