import Graphs
import Tensors

/// Finds in an imported classifier what distillation compares: class scores and the last map.
///
/// Scores: the first output, or, if that is a softmax (under any reshaping), what the softmax is taken of,
/// flattened to `[batch, classes]`. Features: going back from the scores along the first operands, the
/// last map `[batch, channels, height, width]` with more than one pixel or, if its channels are the classes
/// (a network that pools class maps), the map that the classifying convolution reads. Networks without
/// maps: what the last matrix product reads.
struct TeacherTaps {
    private(set) var logits: Value?
    private(set) var features: Value?

    init(_ graph: inout Graph) throws {
        guard let output = graph.outputs.first?.value else { return }
        let scores = TeacherTaps.beforeSoftmax(output, graph)
        let shape = graph.shape(of: scores)
        guard shape.rank >= 2, shape.count > 0,
            shape.dimensions.dropFirst(2).allSatisfy({ $0 == 1 })
        else { return }
        logits =
            shape.rank == 2
            ? scores
            : try graph.add(Reshape(to: [.copy(0), .size(shape[1])]), scores)
        features = TeacherTaps.lastMap(scores, classes: shape[1], graph)
        if let logits, graph.labels["logits"] == nil { graph.label(logits, "logits") }
        if let features, graph.labels["features"] == nil { graph.label(features, "features") }
    }

    private static func beforeSoftmax(_ output: Value, _ graph: Graph) -> Value {
        var value = output
        while value.output == 0, let input = graph.node(of: value).inputs.first {
            switch graph.node(of: value).operation {
            case is Softmax, is LogSoftmax:
                // The flattening of older operator sets is undone with it.
                let before = graph.node(of: input)
                let shaped = before.operation is Reshape ? before.inputs.first : nil
                if let shaped, graph.shape(of: shaped) == graph.shape(of: output) { return shaped }
                return input
            case is Reshape, is ReshapeLike: value = input
            default: return output
            }
        }
        return output
    }

    private static func lastMap(_ scores: Value, classes: Int, _ graph: Graph) -> Value? {
        var value = scores
        var vector: Value?
        while true {
            let shape = graph.shape(of: value)
            let node = graph.node(of: value)
            if shape.rank == 4, shape[2] * shape[3] > 1, shape[1] != classes { return value }
            if vector == nil, node.operation is MatrixMultiply { vector = node.inputs.first }
            guard let input = node.inputs.first, value.output == 0 else { return vector }
            value = input
        }
    }
}
