import Graphs
import Tensors

/// What an output of a graph is by its form: how its values come about, whatever they mean.
struct AnswerForm {
    enum Kind: Equatable {
        /// A dense layer on features.
        case dense
        /// A mean over the positions of a map.
        case pooled
        /// A vector that was brought to one length, or came out of a normalisation.
        case normalized
        /// Another vector: chosen values, indices, sums.
        case vector
        /// Tokens of patches, or a map of features.
        case map
        /// A map that was enlarged to about the input's size.
        case enlarged
        /// Rows of many boxes, points or words.
        case rows
        case other
    }

    let name: String
    let output: Value
    /// What the probabilities of the output are made of; the output itself where there are none.
    let scores: Value
    let ending: ScoreSearch.Ending
    let kind: Kind
    /// Values a sample, where the output is a vector.
    let count: Int?
    let shape: Shape

    init(_ name: String, _ output: Value, in graph: Graph, search: MapSearch) {
        self.name = name
        self.output = output
        let undone = ScoreSearch(graph, isFed: search.isFed).undone(output)
        (scores, ending) = (undone.scores, undone.ending)
        shape = graph.shape(of: output)
        let scored = graph.shape(of: undone.scores)
        let isVector =
            scored.rank >= 2 && scored.count > 0
            && scored.dimensions.dropFirst(2).allSatisfy { $0 == 1 }
        count = isVector ? scored[1] : nil
        let last = graph.node(of: output).operation
        isPicked = last is Ranking || last is ArgMax || last is Gather || output.output > 0
        kind =
            isVector
            ? Self.vector(undone.scores, graph, search.isFed)
            : Self.map(undone.scores, graph, search)
    }

    /// Whether a name says that these are scores of classes.
    var isNamedScores: Bool {
        guard !isNamedEmbedding, !isNamedMeasure else { return false }
        let words = ["logit", "prob", "class", "score", "softmax"]
        return words.contains(where: name.lowercased().contains)
    }

    /// Whether a name says that these are measures: places, angles, ages.
    var isNamedMeasure: Bool {
        let words = [
            "landmark", "point", "pose", "box", "coord", "offset", "angle", "depth", "regress",
            "age_",
        ]
        let name = name.lowercased()
        return words.contains(where: name.contains) || name == "age"
    }

    var isNamedEmbedding: Bool {
        let words = ["embed", "hidden_state", "pooler", "feat"]
        return words.contains(where: name.lowercased().contains)
    }

    /// Whether a name says that it only helps in training.
    var isAuxiliary: Bool { name.lowercased().contains("aux") }

    /// Whether it holds what was picked out of other values, such as the best of them and their places.
    private(set) var isPicked = false

    /// Name and shape for messages.
    var words: String { "`\(name)` \(shape)" }

    // MARK: Vectors

    /// - Parameter joins: how many sums of two are looked into one behind the other; a file is never believed to end.
    private static func vector(
        _ scores: Value, _ graph: Graph, _ isFed: [Bool], joins: Int = 4
    ) -> Kind {
        var value = scores
        while value.output == 0 {
            let node = graph.node(of: value)
            switch node.operation {
            case is MatrixMultiply:
                return node.inputs.contains { !isFed[$0.node] } ? .dense : .vector
            case is Convolution, is FusedConvolution:
                let input = graph.shape(of: node.inputs[0])
                return input.dimensions.dropFirst(2).allSatisfy { $0 == 1 } ? .dense : .pooled
            case let reduce as Reduce where reduce.function == .mean: return .pooled
            case is AveragePool, is WindowPool, is MaximumPool: return .pooled
            case is LayerNormalization: return .normalized
            case is BatchNormalizationInference, is Pointwise, is Conversion: break
            case is Reshape, is ReshapeLike, is Transpose, is Affine, is Clip, is Rectifier,
                is StopGradient:
                break
            case let unary as Unary:
                guard [.tanh, .gelu, .silu, .hardSwish, .negate].contains(unary.function) else {
                    return .vector
                }
            case let binary as Binary:
                let fed = node.inputs.filter { isFed[$0.node] }
                if fed.count == 2 {
                    if binary.function == .divide { return .normalized }
                    // Two heads that are joined.
                    guard binary.function == .add, joins > 0 else { return .vector }
                    let both = fed.map { vector($0, graph, isFed, joins: joins - 1) }
                    return both[0] == both[1] ? both[0] : .vector
                }
                guard binary.function != .power else { return .vector }
            // One token of many.
            case is Slice, is Gather: break
            default: return .vector
            }
            guard let input = node.inputs.first(where: { isFed[$0.node] }) else { return .vector }
            value = input
        }
        return .vector
    }

    // MARK: Maps

    private static func map(_ value: Value, _ graph: Graph, _ search: MapSearch) -> Kind {
        let shape = graph.shape(of: value)
        switch shape.rank {
        case 3: return search.holdsTokens(shape) ? .map : .rows
        case 4:
            let side = graph.inputs.compactMap { port -> Int? in
                let shape = graph.shape(of: port.value)
                return shape.rank == 4 ? shape.dimensions.dropFirst().max() : nil
            }.max()
            let own = shape.dimensions.suffix(2).max() ?? 0
            // Enlarged: some earlier map was smaller.
            let isLarge = side.map { 2 * own >= $0 } ?? false
            return isLarge && search.smallestSide(before: value, graph) < own ? .enlarged : .map
        default: return .other
        }
    }
}
