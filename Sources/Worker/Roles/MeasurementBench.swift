import Batching
import ControlProtocol
import Distillation
import Evaluation
import Foundation
import Modalities

/// What the roles that measure models share: the sample list, the models and their teachers.
struct MeasurementBench {
    private let host: PluginHost
    private let measurement: ModelMeasurement

    init(
        _ dataset: DatasetReference, split: String, probes: Bool,
        _ surroundings: WorkerSurroundings, _ channel: WorkerChannel
    ) throws {
        host = PluginHost(folders: surroundings.pluginFolders)
        let options = try ManifestOptions(manifest: dataset.manifest)
        let samples = try SampleList.read(dataset, label: nil, attributes: options.attributes)
        let source = try AnswerSource(
            AnswerSource.Setting(
                dataset: dataset.name, manifest: options, cacheFolder: surroundings.cacheFolder,
                cacheQuota: surroundings.cacheQuota, threads: surroundings.threads),
            failed: { error in
                channel.report(
                    .sampleFailed(
                        SampleFailure(
                            sample: error.sample, modality: error.modality, code: error.code,
                            reason: error.reason)))
            },
            progress: { done, total in
                // Whoever supervises the worker takes silence for a hang.
                channel.report(.log(level: "debug", message: "\(done) of \(total)"))
            })
        measurement = ModelMeasurement(
            source, samples: samples, split: split, fitsProbes: probes)
    }

    func outcome(
        of model: ModelReference, teacher: ModelReference?
    ) throws -> ModelEvaluator.Outcome {
        let loaded = try LoadedModel(folder: model.folder, host: host)
        var outcome = try measurement.outcome(
            of: loaded, teacher: try self.teacher(of: loaded.document, teacher))
        if outcome.labelled > 0 {
            outcome.metrics["chance"] = 1 / Double(max(1, loaded.document.classes.count))
        }
        return outcome
    }

    /// The teacher to compare with, or why there is none.
    private func teacher(
        of document: ModelDocument, _ reference: ModelReference?
    ) throws -> ModelMeasurement.Teacher {
        guard let name = document.teacher else { return .none("the model has no teacher") }
        guard let reference else { return .none("its teacher `\(name)` is gone") }
        let teacher = try LoadedModel(folder: reference.folder, host: host)
        guard document.teacherDigest ?? teacher.document.digest == teacher.document.digest else {
            return .none("`\(name)` is another model now than the teacher of that name")
        }
        return .model(teacher)
    }
}

extension ModelEvaluator.Outcome {
    /// The figures that JSON can hold.
    var figures: [String: Double] { metrics.dictionary.filter { $0.value.isFinite } }

    /// 95 % intervals by resampling the samples.
    func intervals() throws -> [String: MetricInterval] {
        try scores.mapValues {
            let interval = try $0.interval()
            return MetricInterval(low: interval.low, high: interval.high)
        }
    }
}
