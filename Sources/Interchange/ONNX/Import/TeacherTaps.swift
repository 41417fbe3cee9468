import Graphs
import Tensors

/// Finds in an imported classifier what distillation compares: class scores and the last map.
///
/// Scores: the first output where it is a vector and no embedding or, if that is a softmax (under any reshaping),
/// what the softmax is taken of, flattened to `[batch, classes]`. Features: going back from the scores along the
/// first operands that depend on the input, the last map `[batch, channels, height, width]` with more than one pixel
/// or, if its channels are the classes (a network that pools class maps), the map that the classifying convolution
/// reads; the tokens of a transformer laid out as a map. Networks without maps: what the last matrix product reads.
/// Of a network that ends in a map or in tokens, these. Where the file names none, the stages before the last map are
/// called `layer1` to `layer4`.
struct TeacherTaps {
    private(set) var logits: Value?
    private(set) var features: Value?

    init(_ graph: inout Graph) throws {
        guard let output = graph.outputs.first?.value else { return }
        let scores = TeacherTaps.beforeSoftmax(output, graph)
        let shape = graph.shape(of: scores)
        guard shape.rank >= 2, shape.count > 0 else { return }
        let isVector = shape.dimensions.dropFirst(2).allSatisfy { $0 == 1 }
        guard isVector || shape.rank <= 4 else { return }
        if isVector, !isEmbedding(graph) {
            logits =
                shape.rank == 2
                ? scores
                : try graph.add(Reshape(to: [.copy(0), .size(shape[1])]), scores)
        }
        features = try MapSearch(graph).lastMap(
            before: scores, classes: isVector ? shape[1] : nil, in: &graph)
        if let logits, graph.labels["logits"] == nil { graph.label(logits, "logits") }
        guard let features else { return }
        if graph.labels["features"] == nil { graph.label(features, "features") }
        graph.labelStages(before: features)
    }

    /// Whether the first output is by its name or origin no score of classes: encoders end in their last
    /// normalisation or call what they give an embedding.
    private func isEmbedding(_ graph: Graph) -> Bool {
        guard let first = graph.outputs.first else { return false }
        let name = first.name.lowercased()
        if ["embed", "hidden_state", "pooler", "feature"].contains(where: name.contains) {
            return true
        }
        var value = first.value
        while true {
            let node = graph.node(of: value)
            switch node.operation {
            case is Reshape, is ReshapeLike, is Slice, is Gather, is Transpose:
                guard let input = node.inputs.first else { return false }
                value = input
            case is LayerNormalization: return true
            default: return false
            }
        }
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
}
