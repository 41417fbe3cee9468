import Configuration
import Graphs
import Networks
import Tensors

/// What the student begins with where the recipe names a model.
struct StudentBeginning {
    let transfer: WeightTransfer
    let source: String
    /// Batch normalisations that the source had folded into its convolutions.
    let folded: Int

    /// How many of the student's tensors come from where.
    var summary: String {
        let taken = transfer.copied.count + transfer.adapted.count
        var text =
            "the student begins with \(taken) of \(taken + transfer.skipped.count) tensors of `\(source)`"
        if !transfer.adapted.isEmpty {
            text += ", adapted: \(transfer.adapted.joined(separator: ", "))"
        }
        if folded > 0 {
            text +=
                "; \(folded) batch normalisations were folded away in the file and begin as identities"
        }
        let missing = transfer.skipped.prefix(4).map { "\($0.name) (\($0.reason))" }
        if !missing.isEmpty {
            text += "; at random: \(missing.joined(separator: ", "))"
            if transfer.skipped.count > missing.count {
                text += " and \(transfer.skipped.count - missing.count) more"
            }
        }
        return text
    }
}

extension RunSetup {
    /// Finds the weights that the student begins with, nil for random ones.
    ///
    /// - Throws: `DistillationError` where the model has none that fit.
    func beginning() throws -> StudentBeginning? {
        let source: LoadedModel?
        switch recipe.student.initialise {
        case .random: source = nil
        case .teacher: source = teacher
        default:
            source = try request.initial.map { try LoadedModel(folder: $0, host: request.host) }
        }
        guard let source else { return nil }
        var graph = Graph()
        let input = descriptor.input
        let encoded = try graph.input("encoded", [1, input.channels, input.size, input.size])
        _ = try descriptor.build(into: &graph, encoded: encoded, training: false)
        let (weights, folded) = source.weights(for: graph)
        let transfer = WeightTransfer(
            from: weights, to: graph.states.map(\.declaration),
            inputKernel: try ArchitectureRegistry.architecture(descriptor.architecture).inputKernel,
            sharesInputMeaning: source.document.modality == descriptor.modality)
        guard !transfer.states.isEmpty else {
            let first =
                graph.states.first.map { "`\($0.declaration.name)` \($0.declaration.shape)" }
                ?? "none"
            throw DistillationError(
                "student.weights",
                "`\(source.document.name)` has no weights that fit \(descriptor.architecture), whose first is \(first)",
                hint:
                    "[student] initialise takes a model of the same architecture, with its names or its order of layers"
            )
        }
        return StudentBeginning(transfer: transfer, source: source.document.name, folded: folded)
    }
}
