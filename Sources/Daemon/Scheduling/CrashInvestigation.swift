import Catalog
import ControlProtocol
import Foundation
import Logging

/// Finds the samples that brought a training worker down.
///
/// A worker notes the samples it is decoding in a shared page of its run folder; after a crash each
/// of them is decoded once more, alone in fresh workers. Those that kill these too are quarantined.
struct CrashInvestigation: Sendable {
    let services: DaemonServices

    /// The guilty samples, already quarantined.
    func culprits(of assignment: TrainAssignment, folder: String) async -> [Int64] {
        let suspects = CrashInvestigation.suspects(page: "\(folder)/decoding")
        guard !suspects.isEmpty else { return [] }
        do {
            let records = try SampleListFile(path: assignment.dataset.samples).records(suspects)
            let items = records.flatMap { record in
                record.files.sorted { $0.key < $1.key }.map {
                    InspectAssignment.Item(id: record.id, modality: $0.key, path: $0.value.path)
                }
            }
            let root = assignment.dataset.root
            let manifest = assignment.dataset.manifest
            let guilty = try await services.inspection.deadly(
                items, root: root, manifest: manifest)
            for file in guilty {
                try await services.inspection.quarantineDeadly(file)
            }
            return Set(guilty.map(\.sample)).sorted()
        } catch {
            services.logger.error(
                "a crash could not be investigated", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Sample ids on the page: little-endian 64-bit numbers, 0 for an idle lane.
    static func suspects(page: String) -> Set<Int64> {
        guard let data = FileManager.default.contents(atPath: page) else { return [] }
        var ids: Set<Int64> = []
        for lane in 0..<min(data.count / 8, 1_024) {
            let bytes = data[data.startIndex + lane * 8..<data.startIndex + lane * 8 + 8]
            let id = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if id != 0 { ids.insert(Int64(bitPattern: id)) }
        }
        return ids
    }
}
