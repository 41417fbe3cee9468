import Tensors

extension Graph {
    /// For each node whether it depends on an input; all others are the same in every run of the same states.
    package var dependsOnInput: [Bool] { depends { $0 is Input } }

    /// For each node whether it depends on a state; all others have nothing in them that was learned.
    package var dependsOnState: [Bool] { depends { $0 is State } }

    /// Whether a node is a convolution of an input by a few constants, which nobody learned: a part of how the input is
    /// encoded, where digits count.
    ///
    /// - Parameter isLearned: `dependsOnState`. Weights that a file keeps as constants are many, or behind learned ones.
    package func encodesInput(_ node: Node, _ isLearned: [Bool]) -> Bool {
        switch node.operation {
        case is Convolution, is FusedConvolution, is ConvolutionInputGradient:
            let weights = node.inputs[1]
            return !isLearned[weights.node] && !isLearned[node.inputs[0].node]
                && shape(of: weights).count <= 256
        default: return false
        }
    }

    private func depends(_ isSource: (any Operator) -> Bool) -> [Bool] {
        var depends: [Bool] = []
        depends.reserveCapacity(nodes.count)
        for node in nodes {
            depends.append(isSource(node.operation) || node.inputs.contains { depends[$0.node] })
        }
        return depends
    }
}
