import Batching
import ControlProtocol
import Distillation
import Evaluation
import Foundation
import Modalities

/// Measures a model on a data set, with labels where there are any and against its teacher.
struct EvaluateRole {
    let assignment: EvaluateAssignment
    let channel: WorkerChannel

    init(_ assignment: EvaluateAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let options = try ManifestOptions(manifest: assignment.dataset.manifest)
        let samples = try SampleList.read(
            assignment.dataset, label: nil, attributes: options.attributes)
        let model = try LoadedModel(folder: assignment.model.folder, host: host)
        let selection = try SampleSelection(
            samples, .init(split: assignment.split, modalities: [model.document.modality]))
        let cache = assignment.surroundings.cacheFolder
        try FileManager.default.createDirectory(
            atPath: cache, withIntermediateDirectories: true)
        // A page of its own: several evaluations may run at once.
        let page = cache + "/decoding-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? FileManager.default.removeItem(atPath: page) }
        let journal = try DecodeJournal(path: page)
        let budget = CacheBudget(
            folder: assignment.surroundings.cacheFolder,
            quota: assignment.surroundings.cacheQuota)
        func answers(_ model: LoadedModel, _ samples: [Sample]) throws -> ModelAnswers {
            let views = try ViewCache(
                modality: model.plugin, options: options.options(for: model.document.modality),
                size: model.document.inputSize, views: ViewSchedule(count: 1),
                cache: assignment.surroundings.cacheFolder, dataset: assignment.dataset.name,
                budget: budget, journal: journal)
            return try ModelAnswers.of(
                model, on: samples, views: views, threads: assignment.surroundings.threads,
                failed: { error in
                    channel.report(
                        .sampleFailed(
                            SampleFailure(
                                sample: error.sample, modality: error.modality, code: error.code,
                                reason: error.reason)))
                },
                progress: { done in
                    // Whoever supervises the worker takes silence for a hang.
                    channel.report(.log(level: "debug", message: "\(done) of \(samples.count)"))
                })
        }
        channel.report(.phase("evaluating"))
        let student = try answers(model, selection.samples)
        var teacher: ModelAnswers?
        var teacherClasses: [String] = []
        if let reference = assignment.teacher {
            let loaded = try LoadedModel(folder: reference.folder, host: host)
            let pairs = selection.samples.filter { $0.files[loaded.document.modality] != nil }
            if !pairs.isEmpty { teacher = try answers(loaded, pairs) }
            teacherClasses = loaded.document.classes
        }
        let outcome = try ModelEvaluator.outcome(
            student, classes: model.document.classes, teacher: teacher,
            teacherClasses: teacherClasses, projector: Projector(folder: assignment.model.folder))
        var metrics = outcome.metrics.dictionary.filter { $0.value.isFinite }
        if outcome.labelled > 0 {
            metrics["chance"] = 1 / Double(max(1, model.document.classes.count))
        }
        var members: [String: JSONValue] = [
            "model": .string(model.document.name), "dataset": .string(assignment.dataset.name),
            "split": .string(assignment.split), "samples": .integer(Int64(outcome.samples)),
            "labelled": .integer(Int64(outcome.labelled)),
            "metrics": .object(metrics.mapValues { .number($0) }),
        ]
        if let confusion = outcome.confusion {
            members["confusion"] = try JSONValue(encoding: confusion)
        }
        return .finished(.object(members))
    }
}
