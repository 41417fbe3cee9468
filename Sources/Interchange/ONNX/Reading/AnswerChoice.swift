import Graphs
import Tensors

/// Decides which output of a graph answers and what its values mean, or says what has to be said.
///
/// A classifier only where the evidence says so: a dense layer, or a mean over maps, whose values have names, are as
/// many as a usual set of classes has, end in probabilities, or are called scores. A vector without any of that may
/// as well be an embedding, and is asked for.
struct AnswerChoice {
    /// Numbers of classes that published sets have: CIFAR, Food, Caltech, Tiny ImageNet, Places, Kinetics, ImageNet with
    /// and without background, iNaturalist, ImageNet-12k, -21k in its variants.
    static let usualCounts: Set<Int> = [
        10, 100, 101, 102, 200, 365, 397, 400, 1000, 1001, 8142, 10_000, 10_450, 11_221, 11_821,
        21_841, 21_842, 21_843,
    ]

    let form: AnswerForm
    let task: ModelTask
    /// What was chosen and why, where there was a choice.
    let notes: [String]

    /// - Throws: `InterchangeError.undecided`, `InterchangeError.unknownName`.
    init(_ graph: Graph, _ reading: ModelReading, search: MapSearch) throws {
        let forms = graph.outputs.map { AnswerForm($0.name, $0.value, in: graph, search: search) }
        guard !forms.isEmpty else {
            throw InterchangeError(.malformed, "the graph has no output")
        }
        let (form, note) = try Self.form(forms, reading)
        self.form = form
        var notes = [note].compactMap { $0 }
        if let task = reading.task {
            try Self.check(task, form, forms, in: graph)
            self.task = task
        } else {
            let (task, reason) = try Self.task(of: form, forms, reading, in: graph)
            self.task = task
            if let reason { notes.append(reason) }
        }
        self.notes = notes
    }

    // MARK: Which output

    private static func form(
        _ forms: [AnswerForm], _ reading: ModelReading
    ) throws -> (AnswerForm, String?) {
        if let wanted = reading.output {
            guard let form = forms.first(where: { $0.name == wanted }) else {
                throw InterchangeError(
                    .unknownName, node: wanted, "is no output of the graph",
                    hint: "its outputs are \(list(forms))")
            }
            return (form, nil)
        }
        guard forms.count > 1 else { return (forms[0], nil) }
        func told(_ form: AnswerForm, _ why: String) -> (AnswerForm, String) {
            (
                form,
                "of the outputs \(list(forms)) \(form.words) is read: \(why); --output chooses another"
            )
        }
        if reading.task.map(\.hasScores) ?? true {
            let named = forms.filter {
                let name = $0.name.lowercased()
                return name == "logits" || name.hasSuffix("/logits") || name.hasSuffix(".logits")
            }
            if let logits = named.first(where: { $0.count != nil }) {
                return told(logits, "it is called logits")
            }
            let classifying = forms.filter { !$0.isAuxiliary && evidence(for: $0, reading) != nil }
            if let first = classifying.first {
                return told(
                    first, classifying.count > 1 ? "the first that gives scores" : "it gives scores"
                )
            }
        }
        let usual = forms.first { !$0.isAuxiliary } ?? forms[0]
        return told(usual, "it comes first")
    }

    // MARK: What it means

    /// Why a vector holds scores of classes; nil where nothing says so.
    private static func evidence(for form: AnswerForm, _ reading: ModelReading) -> String? {
        guard let count = form.count, count >= 2, form.kind == .dense || form.kind == .pooled else {
            return nil
        }
        if form.ending == .softmax { return "it ends in a softmax" }
        if form.ending == .sigmoid { return "it ends in a sigmoid" }
        if form.isNamedEmbedding { return nil }
        if reading.namedClasses == count { return "\(count) classes have names" }
        if form.isNamedScores { return "its name says so" }
        if usualCounts.contains(count), !form.isNamedMeasure {
            return "it comes from a dense layer, and \(count) is a usual number of classes"
        }
        return nil
    }

    private static func task(
        of form: AnswerForm, _ forms: [AnswerForm], _ reading: ModelReading, in graph: Graph
    ) throws -> (ModelTask, String?) {
        if let boxes = forms.first(where: { $0.name.lowercased().contains("box") }) {
            throw undecided(
                form, forms, "the graph gives boxes (\(boxes.words)): a detector", graph,
                "--task detector --features NODE names the map that students follow")
        }
        if let reason = evidence(for: form, reading) {
            return form.ending == .sigmoid
                ? (
                    .multiLabel,
                    "`\(form.name)` ends in a sigmoid: any number of its classes may hold; "
                        + "--task classifier if they exclude each other"
                )
                : (
                    .classifier,
                    form.ending != .scores
                        ? "`\(form.name)`: \(reason), which is undone"
                        // Who gives names, or calls an output logits, has said it.
                        : reason.contains("usual")
                            ? "`\(form.name)` is read as scores of \(form.count ?? 0) classes, for \(reason); "
                                + "--task embedding if they are none"
                            : nil
                )
        }
        if form.count != nil, form.isNamedEmbedding {
            return (.embedding, embedding(form, "its name says so"))
        }
        switch form.kind {
        case .normalized:
            return (.embedding, embedding(form, "it is brought to one length or scale"))
        case .pooled:
            return (.embedding, embedding(form, "it ends in a mean over positions"))
        case .map:
            return (.embedding, embedding(form, "it ends in a map of features"))
        case .dense:
            throw undecided(
                form, forms,
                "\(form.words) comes from a dense layer: scores of \(form.count ?? 0) classes, or an embedding?",
                graph,
                "--task classifier (with --classes FILE for their names) or --task embedding")
        case .vector:
            throw undecided(
                form, forms,
                "\(form.words) holds no scores of classes and no features that are recognised",
                graph, "--output names the one that does")
        case .enlarged:
            throw undecided(
                form, forms, "\(form.words) is a map of about the input's size: a segmenter?",
                graph,
                "--task segmenter --features NODE names the map that students follow, --task embedding reads it "
                    + "as features")
        case .rows:
            throw undecided(
                form, forms, "\(form.words) holds many rows of values: a detector?", graph,
                "--task detector --features NODE names the map that students follow")
        case .other:
            throw undecided(
                form, forms, "\(form.words) is neither scores of classes nor a map", graph,
                "--output names the one that is")
        }
    }

    private static func embedding(_ form: AnswerForm, _ why: String) -> String {
        "`\(form.name)` is read as an embedding, for \(why); --task classifier if it holds scores"
    }

    /// Refuses a task that an output cannot have.
    private static func check(
        _ task: ModelTask, _ form: AnswerForm, _ forms: [AnswerForm], in graph: Graph
    ) throws {
        guard task.hasScores else { return }
        guard let count = form.count, count >= 2, !form.isPicked else {
            throw undecided(
                form, forms,
                "\(form.words) holds no scores, one for each class, that a \(task.rawValue) has",
                graph,
                "--output names the output that does")
        }
    }

    private static func undecided(
        _ form: AnswerForm, _ forms: [AnswerForm], _ message: String, _ graph: Graph,
        _ remedy: String
    ) -> InterchangeError {
        let others = forms.count > 1 ? "outputs: \(list(forms)); " : ""
        return InterchangeError(
            .undecided, message,
            hint: "say what it is: \(remedy); \(others)tasks are \(ModelTask.words); maps are "
                + maps(in: graph))
    }

    private static func list(_ forms: [AnswerForm]) -> String {
        forms.map(\.words).joined(separator: ", ")
    }

    /// The last map of each size, with the most channels that one of its size has.
    static func maps(in graph: Graph) -> String {
        let search = MapSearch(graph)
        var best: [Int: (name: String, channels: Int, shape: Shape)] = [:]
        let names = Dictionary(graph.labels.map { ($0.value.node, $0.key) }) { min($0, $1) }
        for node in graph.nodes where search.isMap(node.index) {
            let shape = node.outputs[0].shape
            guard shape[2] > 1, shape[3] > 1, !(node.operation is Input) else { continue }
            if let known = best[shape[2]], known.channels > shape[1] { continue }
            best[shape[2]] = (names[node.index] ?? node.name, shape[1], shape)
        }
        let found = best.sorted { $0.key < $1.key }.prefix(5).map {
            "`\($0.value.name)` \($0.value.shape)"
        }
        return found.isEmpty ? "none" : found.joined(separator: ", ")
    }
}
