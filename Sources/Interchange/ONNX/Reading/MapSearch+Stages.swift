import Graphs
import Tensors

extension MapSearch {
    /// The last map of each size on the way back from the last one, at most four, the last one first.
    ///
    /// - Parameter features: the last map, `[batch, channels, height, width]`.
    func stages(before features: Value, in graph: Graph) -> [Value] {
        guard graph.shape(of: features).rank == 4 else { return [] }
        var value = features
        var side = graph.shape(of: features)[2]
        var stages = [features]
        while stages.count < 4,
            let input = graph.node(of: value).inputs.first(where: { isFed[$0.node] }),
            !(graph.node(of: input).operation is Input)
        {
            value = input
            let shape = graph.shape(of: value)
            // What is no map, such as an attention, neither ends the way nor is a stage.
            guard shape.rank == 4, shape[2] > side, shape[3] > 1 else { continue }
            side = shape[2]
            stages.append(value)
        }
        return stages
    }
}

extension Graph {
    /// Names the stages of a graph that names none: `layer4` is the last map, `layer3` the last one of the size
    /// before, and so on to `layer1`, as torchvision calls the stages of its residual networks.
    mutating func labelStages(before features: Value) {
        guard (1...4).allSatisfy({ labels["layer\($0)"] == nil }) else { return }
        for (number, stage) in MapSearch(self).stages(before: features, in: self).enumerated() {
            label(stage, "layer\(4 - number)")
        }
    }
}
