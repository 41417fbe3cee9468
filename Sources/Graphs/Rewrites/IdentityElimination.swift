/// Drops nodes that give back their input: `Affine(1, 0)`, a concatenation of one, empty padding.
package struct IdentityElimination: Rewrite {
    /// Whether the graph is neither bound to other shapes nor differentiated any more. Then reshapes and
    /// broadcasts to the shape that is there already, and `StopGradient`, go too.
    package let isFinal: Bool
    package let names: KeptNames

    package init(isFinal: Bool = false, keeping names: KeptNames = .labels) {
        self.isFinal = isFinal
        self.names = names
    }

    package func apply(to graph: Graph) throws -> Graph {
        var copy = GraphCopy(of: graph)
        for node in graph.nodes {
            if isIdentity(node, in: graph) {
                copy.replace(node.output(), with: copy.image(of: node.inputs[0]))
            } else {
                try copy.copy(node)
            }
        }
        return try copy.finished(keeping: names)
    }

    private func isIdentity(_ node: Node, in graph: Graph) -> Bool {
        switch node.operation {
        case let affine as Affine:
            affine.scale == 1 && affine.offset == 0
        case let clip as Clip:
            clip.minimum == -.infinity && clip.maximum == .infinity
        case is Concatenate:
            node.inputs.count == 1
        case let pad as Pad:
            (pad.before + pad.after).allSatisfy { $0 == 0 }
        case let slice as Slice:
            slice.start == 0 && slice.length == nil
        case let transpose as Transpose:
            transpose.permutation == Array(transpose.permutation.indices)
        case is Reshape, is ReshapeLike, is ReduceLike, is BroadcastLike:
            isFinal && node.outputs[0].shape == graph.shape(of: node.inputs[0])
        case is StopGradient:
            isFinal
        default:
            false
        }
    }
}
