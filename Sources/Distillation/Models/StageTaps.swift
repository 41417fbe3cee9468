import Graphs
import Tensors

extension Graph {
    /// Names the stages of a graph that names none: `layer4` is the last map, `layer3` the last one of the size
    /// before, and so on to `layer1`, as torchvision calls the stages of its residual networks.
    ///
    /// - Parameter features: the last map, `[batch, channels, height, width]`, from which the way back goes.
    mutating func labelStages(before features: Value) {
        guard shape(of: features).rank == 4, (1...4).allSatisfy({ labels["layer\($0)"] == nil })
        else { return }
        let isFed = fedNodes()
        var value = features
        var side = shape(of: features)[2]
        var stages = [features]
        while stages.count < 4,
            let input = node(of: value).inputs.first(where: { isFed[$0.node] })
        {
            value = input
            let shape = shape(of: value)
            guard !(node(of: value).operation is Input) else { break }
            // What is no map, such as an attention, neither ends the way nor is a stage.
            guard shape.rank == 4, shape[2] > side, shape[3] > 1 else { continue }
            side = shape[2]
            stages.append(value)
        }
        for (number, stage) in stages.enumerated() { label(stage, "layer\(4 - number)") }
    }

    /// For each node whether it depends on what is fed.
    private func fedNodes() -> [Bool] {
        var isFed: [Bool] = []
        isFed.reserveCapacity(nodes.count)
        for node in nodes {
            isFed.append(node.operation is Input || node.inputs.contains { isFed[$0.node] })
        }
        return isFed
    }
}
