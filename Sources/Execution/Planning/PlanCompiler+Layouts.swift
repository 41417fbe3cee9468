import Graphs
import Tensors

extension PlanCompiler {
    /// Settles, for the states that this plan replaces and no plan has settled, the layout in which they live:
    /// that of the forward convolution, for a weight and for whatever is updated along with it.
    func claimLayouts() throws {
        var open: Set<String> = []
        for name in replaced where try !store.buffer(name).isClaimed { open.insert(name) }
        guard !open.isEmpty else { return }
        var wanted: [String: Layout] = [:]
        var found = -1
        while found < wanted.count {
            found = wanted.count
            try spreadLayouts(&wanted, open: open)
        }
        for name in open.sorted() {
            try store.claim(name, layout: wanted[name] ?? store.buffer(name).layout)
        }
    }

    /// One sweep over the graph: convolutions say what they want, updates pass it on.
    private func spreadLayouts(_ wanted: inout [String: Layout], open: Set<String>) throws {
        var layouts: [Value: Layout] = [:]
        for node in graph.nodes {
            switch node.operation {
            case let state as State:
                let name = state.declaration.name
                layouts[node.output()] = try wanted[name] ?? store.buffer(name).layout
            case is Convolution:
                guard let name = openState(node.inputs[1], open), wanted[name] == nil else {
                    continue
                }
                let types = node.inputs.map { graph.type(of: $0) }
                guard
                    let options = ConvolutionKernel.options(
                        of: node, types, inference: inference, half: isHalf(node))
                else { continue }
                wanted[name] = try ConvolutionKernel.preferredWeights(options, engine)
                layouts[node.inputs[1]] = wanted[name]
            case is ConvolutionWeightGradient:
                layouts[node.output()] = layouts[node.inputs[2]]
            case is NesterovUpdate, is MovingAverage, is Binary, is Affine, is Unary, is Clip:
                let shape = node.outputs[0].shape
                let peers = node.inputs.filter { graph.shape(of: $0) == shape }
                let blocked = peers.compactMap { layouts[$0] }.first { $0 != .standard }
                guard let blocked, shape.rank == 4 else { continue }
                for peer in peers {
                    if let name = openState(peer, open), wanted[name] == nil {
                        wanted[name] = blocked
                    }
                }
                for index in node.outputs.indices { layouts[node.output(index)] = blocked }
            default: break
            }
        }
    }

    private func openState(_ value: Value, _ open: Set<String>) -> String? {
        guard let state = graph.node(of: value).operation as? State,
            open.contains(state.declaration.name)
        else { return nil }
        return state.declaration.name
    }
}
