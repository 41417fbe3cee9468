import Graphs
import Tensors

/// Finds in an imported network what distillation compares: class scores, the last map, the vector.
///
/// Scores: of the output that answers, flattened to `[batch, classes]`; where it holds probabilities, what they were
/// made of (`ScoreSearch`). Features: a node that was named or, going back from the scores along the first operands
/// that depend on the input, the last map `[batch, channels, height, width]` with more than one pixel or, if its
/// channels are the classes (a network that pools class maps), the map that the classifying convolution reads; the
/// tokens of a transformer laid out as a map. Networks without maps: what the last matrix product reads. Of a network
/// that ends in a map or in tokens, these. Vector: of an embedding its own, that of a second output or of the class
/// token. Where the file names none, the stages before the last map are called `layer1` to `layer4`.
///
/// Without a reading nothing is asked: the first output is a score wherever it is a vector and no embedding by name.
struct TeacherTaps {
    private(set) var logits: Value?
    private(set) var features: Value?
    /// `[batch, values]`; nil: the mean of the last map over its positions.
    private(set) var vector: Value?
    /// What was decided, nil where nobody asked.
    private(set) var reading: ModelReading?
    private(set) var notes: [String] = []
    /// Whether scores come from a dense layer and no probabilities were undone.
    private(set) var hasPlainScores = false

    init(_ graph: inout Graph, reading: ModelReading?) throws {
        guard let first = graph.outputs.first else { return }
        let search = MapSearch(graph)
        let form: AnswerForm
        let hasScores: Bool
        if let reading {
            let choice = try AnswerChoice(graph, reading, search: search)
            form = choice.form
            hasScores = choice.task.hasScores
            notes = choice.notes
            self.reading = reading.settled(output: form.name, task: choice.task)
        } else {
            form = AnswerForm(first.name, first.value, in: graph, search: search)
            hasScores = form.count != nil && !form.isNamedEmbedding && form.kind != .normalized
        }
        let shape = graph.shape(of: form.scores)
        guard shape.rank >= 2, shape.count > 0, form.count != nil || shape.rank <= 4 else { return }
        hasPlainScores = hasScores && form.kind == .dense && form.ending == .scores
        if let count = form.count, hasScores {
            logits =
                shape.rank == 2
                ? form.scores
                : try graph.add(Reshape(to: [.copy(0), .size(count)]), form.scores)
        }
        if let named = reading?.features {
            features = try Self.features(named, in: &graph, search)
        } else if let task = self.reading?.task, task == .detector || task == .segmenter {
            throw InterchangeError(
                .undecided,
                "a \(task.rawValue) has maps of many kinds: which one are students to follow?",
                hint: "--features NODE names it; maps are \(AnswerChoice.maps(in: graph))")
        } else {
            features = try search.lastMap(
                before: form.scores, classes: hasScores || reading == nil ? form.count : nil,
                in: &graph)
        }
        if self.reading?.task == .embedding {
            vector = try Self.vector(of: form, in: &graph)
        }
        if let logits, graph.labels["logits"] == nil { graph.label(logits, "logits") }
        guard let features else { return }
        if graph.labels["features"] == nil { graph.label(features, "features") }
        if let vector, graph.labels["pooled"] == nil { graph.label(vector, "pooled") }
        graph.labelStages(before: features)
    }

    /// The node that a person named, as a map.
    private static func features(
        _ name: String, in graph: inout Graph, _ search: MapSearch
    ) throws -> Value {
        let value: Value
        do {
            value = try graph.value(named: name)
        } catch let error as GraphError {
            throw InterchangeError(
                .unknownName, node: name, error.message,
                hint: "maps are \(AnswerChoice.maps(in: graph))")
        }
        let map = try search.comparable(value, in: &graph)
        let shape = graph.shape(of: map)
        guard shape.rank == 4 || shape.rank == 2 else {
            throw InterchangeError(
                .unsupported, node: name,
                "has the shape \(shape), which is neither a map nor a vector",
                hint: "maps are \(AnswerChoice.maps(in: graph))")
        }
        return map
    }

    /// An embedding's own vector: the output itself, a second output, or the class token.
    private static func vector(of form: AnswerForm, in graph: inout Graph) throws -> Value? {
        if let count = form.count {
            let shape = graph.shape(of: form.output)
            return shape.rank == 2
                ? form.output
                : try graph.add(Reshape(to: [.copy(0), .size(count)]), form.output)
        }
        let others = graph.outputs.filter { output in
            let shape = graph.shape(of: output.value)
            let name = output.name.lowercased()
            return shape.rank == 2 && shape[1] > 1
                && ["pool", "embed", "cls", "token", "feat"].contains(where: name.contains)
        }
        if let other = others.first { return other.value }
        guard form.shape.rank == 3,
            MapSearch(graph).extraTokens(form.shape) > 0
        else { return nil }
        let token = try graph.slice(form.output, axis: 1, start: 0, length: 1)
        return try graph.add(Reshape(to: [.copy(0), .copy(2)]), token)
    }
}
