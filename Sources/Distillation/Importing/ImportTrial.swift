import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Tensors

/// Runs a model once on made pictures, before anybody relies on it: its answers must be numbers, and no probabilities
/// that are taken for scores.
struct ImportTrial {
    private let source: ModelImport.Source
    private let model: LoadedModel

    init(_ source: ModelImport.Source, _ model: LoadedModel) {
        self.source = source
        self.model = model
    }

    /// - Throws: `DistillationError` `import.not_finite`, `import.probabilities`.
    func run() throws {
        let graph = try model.inferenceGraph(batch: 1)
        let store = StateStore()
        try model.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(
            graph, store: store, options: PlanOptions(threads: 1, label: "import", inference: true))
        let hasScores = graph.outputs.contains { $0.name == "logits" }
        var scores: [[Float]] = []
        for picture in 0..<4 {
            try self.picture(picture).withUnsafeBufferPointer {
                try plan.feed(model.document.modality, values: $0)
            }
            try plan.run()
            for (name, _) in graph.outputs {
                let values = try plan.read(name).values
                guard values.allSatisfy(\.isFinite) else {
                    throw DistillationError(
                        "import.not_finite",
                        "\(source.originalName) answers a plain picture with `\(name)` values that are no numbers",
                        hint:
                            "its weights or its preprocessing are of another range: check mean, std and scale"
                    )
                }
                if hasScores, name == "logits" { scores.append(values) }
            }
        }
        if hasScores, source.reading.task == nil, model.mayAnswerProbabilities {
            try refuseProbabilities(scores)
        }
    }

    private func refuseProbabilities(_ scores: [[Float]]) throws {
        guard scores.allSatisfy({ $0.allSatisfy { (0...1).contains($0) } }) else { return }
        let sums = scores.map { $0.reduce(0, +) }
        let addUp = sums.allSatisfy { abs($0 - 1) < 1e-3 }
        throw DistillationError(
            "import.probabilities",
            "all scores of \(source.originalName) lie within 0 and 1\(addUp ? " and add up to 1" : ""): these are "
                + "probabilities, made in a way that is not recognised",
            hint:
                "export the network without its last activation, or name the scores before it with --output; "
                + "--task classifier takes them as scores all the same")
    }

    /// A plain, a bright, a graded and a chequered picture in the modality's unit.
    private func picture(_ number: Int) -> [Float] {
        let (side, channels) = (model.document.inputSize, model.plugin.channels)
        let most: Float = model.document.modality == "rgb" ? 1 : 4
        return (0..<channels * side * side).map { index in
            let (row, column) = (index / side % side, index % side)
            let channel = index / (side * side)
            let value: Float =
                switch number {
                case 0: 0.3
                case 1: 0.9
                case 2: Float(row + (channel + 1) * column) / Float((channels + 1) * side)
                default: (row / 8 + column / 8 + channel) % 2 == 0 ? 0.15 : 0.8
                }
            return value * most
        }
    }
}
