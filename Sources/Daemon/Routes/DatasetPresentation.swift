import Catalog
import Configuration
import ControlProtocol
import Foundation

/// Data sets and samples of the catalog as the protocol shows them.
struct DatasetPresentation {
    let services: DaemonServices

    init(_ services: DaemonServices) {
        self.services = services
    }

    func summary(
        of dataset: CatalogDataset, withManifest: Bool = false
    ) async throws -> DatasetSummary {
        let counts = try await services.catalog.counts(ofDataset: dataset.id)
        var samples = ["paired": 0, "quarantined": 0]
        for modality in dataset.modalities { samples[SampleState.only(modality)] = 0 }
        samples.merge(counts.states) { $1 }
        samples["total"] = counts.samples
        let state =
            dataset.state == .offline ? "offline" : dataset.scanned == nil ? "scanning" : "ready"
        var warnings = dataset.remarks.map {
            $0.hint.isEmpty ? $0.message : "\($0.message); \($0.hint)"
        }
        if let hindrance = services.inspection.hindrances[dataset.id] { warnings.append(hindrance) }
        return DatasetSummary(
            name: dataset.name, path: dataset.root, layout: dataset.layout, state: state,
            reason: dataset.state == .offline ? dataset.problems.first?.message : nil,
            modalities: dataset.modalities, classes: try await classes(of: dataset, withManifest),
            samples: samples, splits: counts.splits, splitBy: dataset.split?.words,
            labelled: counts.labelled,
            inspected: counts.inspected, files: counts.files,
            added: Timestamp(milliseconds: dataset.created),
            scanned: dataset.scanned.map { Timestamp(milliseconds: $0) }, warnings: warnings,
            survey: dataset.survey.flatMap {
                try? JSONDecoder().decode(DatasetSurvey.self, from: Data($0.utf8))
            },
            manifest: withManifest ? dataset.manifest : nil)
    }

    func summary(of sample: CatalogSample, dataset: String) -> SampleSummary {
        let files = sample.files.map { file in
            (
                file.modality,
                SampleSummary.File(
                    path: file.path, bytes: file.bytes, digest: file.digest, width: file.width,
                    height: file.height, channels: file.channels, bitDepth: file.bitDepth,
                    warnings: file.warnings)
            )
        }
        return SampleSummary(
            id: sample.id, dataset: dataset, key: sample.key, state: sample.state,
            split: sample.split, group: sample.group, label: sample.label,
            attributes: sample.attributes,
            files: Dictionary(files, uniquingKeysWith: { $1 }), code: sample.code,
            reason: sample.reason)
    }

    /// The labels among the first 100,000 samples; only in `show`, because it walks them.
    private func classes(of dataset: CatalogDataset, _ isWanted: Bool) async throws -> [String] {
        guard isWanted else { return [] }
        var labels: Set<String> = []
        var after: String?
        var pages = 0
        repeat {
            let page = try await services.catalog.samples(
                ofDataset: dataset.id, after: after, limit: 10_000)
            labels.formUnion(page.samples.compactMap(\.label))
            after = page.next
            pages += 1
        } while after != nil && pages < 10
        return labels.sorted()
    }
}
