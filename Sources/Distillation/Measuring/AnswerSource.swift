package import Batching
import Foundation
package import Modalities

/// Asks models about the frames of one data set.
package final class AnswerSource {
    package struct Setting {
        package var dataset: String
        package var manifest: ManifestOptions
        package var cacheFolder: String
        package var cacheQuota: Int64?
        package var threads: Int

        package init(
            dataset: String, manifest: ManifestOptions, cacheFolder: String, cacheQuota: Int64?,
            threads: Int
        ) {
            self.dataset = dataset
            self.manifest = manifest
            self.cacheFolder = cacheFolder
            self.cacheQuota = cacheQuota
            self.threads = threads
        }
    }

    private let setting: Setting
    private let budget: CacheBudget
    private let page: String
    private let journal: DecodeJournal
    private let failed: (SampleError) -> Void
    private let progress: (_ done: Int, _ of: Int) throws -> Void

    /// - Parameters:
    ///   - failed: told of each sample that cannot be read.
    ///   - progress: told after each batch; what it throws ends the work.
    package init(
        _ setting: Setting, failed: @escaping (SampleError) -> Void,
        progress: @escaping (_ done: Int, _ of: Int) throws -> Void
    ) throws {
        self.setting = setting
        self.failed = failed
        self.progress = progress
        let cache = setting.cacheFolder
        do {
            try FileManager.default.createDirectory(
                atPath: cache, withIntermediateDirectories: true)
        } catch {
            throw FileFailure.classify(error, path: cache, doing: "creating")
        }
        // A page of its own: several measurements may run at once.
        page = "\(cache)/decoding-\(ProcessInfo.processInfo.processIdentifier)"
        journal = try DecodeJournal(path: page)
        budget = CacheBudget(folder: cache, quota: setting.cacheQuota)
    }

    deinit { try? FileManager.default.removeItem(atPath: page) }

    /// A model's answers to whole frames, or to their mirror images.
    ///
    /// - Parameters:
    ///   - other: shows it the frames of this modality as grey pictures instead of its own.
    ///   - isTeacher: whether it is to see what its student sees, without its own crop of whole pictures.
    /// - Throws: `DistillationError` `dataset.all_unreadable` where no sample can be read.
    package func answers(
        of model: LoadedModel, to samples: [Sample], seeing other: ModalityPlugin? = nil,
        mirrored: Bool = false, isTeacher: Bool = false
    ) throws -> ModelAnswers {
        let plugin = other ?? model.plugin
        let views = try ViewCache(
            modality: plugin, options: setting.manifest.options(for: plugin.modality),
            size: model.document.inputSize, views: ViewSchedule(count: 1),
            framing: other != nil
                ? .usual
                : PictureFraming(
                    filter: model.document.framing.filter,
                    crop: isTeacher ? nil : model.document.framing.crop),
            cache: setting.cacheFolder, dataset: setting.dataset, budget: budget, journal: journal)
        return try ModelAnswers.of(
            model, on: samples, views: views,
            pictures: other.map { _ in GreyPictures(channels: model.plugin.channels) },
            view: mirrored ? RecordKey.mirroredFrame : RecordKey.wholeFrame,
            threads: setting.threads, failed: failed,
            progress: { try progress($0, samples.count) })
    }
}
