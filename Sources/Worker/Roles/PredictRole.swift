import Batching
import ControlProtocol
import Distillation
import Evaluation
import Execution
import Foundation
import Interchange
import Modalities
import Tensors

/// Classifies single files with a model.
struct PredictRole {
    let assignment: PredictAssignment
    let channel: WorkerChannel

    init(_ assignment: PredictAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let model = try LoadedModel(folder: assignment.model.folder, host: host)
        let options = try assignment.manifest.map {
            try ManifestOptions(manifest: $0, readsCamera: false)
        }
        let graph = try model.inferenceGraph(batch: 1)
        let store = StateStore()
        try model.load(into: store, for: graph)
        let plan = try CPUExecutor().compile(
            graph, store: store,
            options: PlanOptions(
                threads: max(1, assignment.surroundings.threads), label: "predict",
                inference: true))
        var predictions: [JSONValue] = []
        var spread: AnswerSpread?
        for file in assignment.files {
            do {
                let known = options?.options(for: model.document.modality) ?? [:]
                let held = try feed(file, model, terms(of: file, model, known), plan)
                try plan.run()
                predictions.append(try answer(file, model, plan, held: held))
                let name = model.document.classes.isEmpty ? "pooled" : "logits"
                let values = try plan.read(name).values
                spread = spread ?? AnswerSpread(width: values.count)
                spread?.add(values)
            } catch let error as PluginError {
                predictions.append(
                    .object([
                        "file": .string(file), "error": .string(error.message),
                        "code": .string(error.code),
                    ]))
            }
        }
        var members: [String: JSONValue] = [
            "model": .string(model.document.name), "predictions": .array(predictions),
        ]
        if spread?.hardlyDiffers == true {
            members["warning"] = .string(
                "the answers to \(predictions.count) pictures hardly differ: is the preprocessing the network's own?"
            )
        }
        return .finished(.object(members))
    }

    /// The options that a file is read with: an array of floating-point numbers is in the modality's own unit,
    /// unless the caller said otherwise.
    private func terms(
        of file: String, _ model: LoadedModel, _ known: PluginOptions
    ) throws -> PluginOptions {
        guard assignment.isImplied, known["scale"] != nil,
            try model.plugin.inspect(path: file, options: known).format == "npy float"
        else { return known }
        var options = known
        options["scale"] = nil
        return options
    }

    /// - Returns: What the picture holds as the student sees it.
    private func feed(
        _ file: String, _ model: LoadedModel, _ options: PluginOptions, _ plan: Plan
    ) throws -> InputStatistics {
        let size = model.document.inputSize
        let plugin = model.plugin
        let framing = model.document.framing
        let decoded = try plugin.decode(
            path: file, options: options,
            minimumShortSide: framing.decodedShortSide(
                for: size, usual: ViewSchedule(count: 1).decodedShortSide(for: size)))
        var values = [Float](repeating: 0, count: plugin.channels * size * size)
        try values.withUnsafeMutableBufferPointer {
            try framing.view(
                of: decoded, with: plugin, box: .full, isWhole: true, size: size, into: $0)
        }
        try values.withUnsafeBufferPointer {
            try plan.feed(model.document.modality, values: $0)
        }
        return InputStatistics(of: [values])
    }

    private func answer(
        _ file: String, _ model: LoadedModel, _ plan: Plan, held: InputStatistics
    ) throws -> JSONValue {
        var members: [String: JSONValue] = ["file": .string(file)]
        if let oddity = model.document.seen?.oddity(of: held, unit: model.plugin.unit) {
            members["warning"] = .string(oddity)
        }
        guard !model.document.classes.isEmpty else {
            members["embedding"] = .array(
                try plan.read("pooled").values.map { .number(Double($0)) })
            return .object(members)
        }
        let logits = try plan.read("logits").values.map(Double.init)
        let ranked = zip(model.document.classes, probabilities(logits, model))
            .sorted { $0.1 > $1.1 }.prefix(5)
        members["classes"] = .array(
            ranked.map { .object(["class": .string($0.0), "probability": .number($0.1)]) })
        return .object(members)
    }

    /// Softmax, or each by itself where any number of classes may hold.
    private func probabilities(_ logits: [Double], _ model: LoadedModel) -> [Double] {
        guard model.document.reading?.task != .multiLabel else {
            return logits.map { 1 / (1 + exp(-$0)) }
        }
        let largest = logits.max() ?? 0
        let exponentials = logits.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
    }
}
