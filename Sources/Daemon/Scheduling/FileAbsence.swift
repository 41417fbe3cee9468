import ControlProtocol
import Foundation
import Logging
import Synchronization
import Watching

/// Keeps a run from blaming samples for files that are not there: a folder that is not mounted or a
/// file that was renamed is for the next scan to deal with.
final class FileAbsence: Sendable {
    private struct State {
        /// Where the job's files lay when its list was frozen; read when first needed.
        var paths: [Int64: [String: String]]?
        var isTold = false
    }

    private let services: DaemonServices
    private let dataset: DatasetReference
    private let state = Mutex(State())

    init(services: DaemonServices, dataset: DatasetReference) {
        self.services = services
        self.dataset = dataset
    }

    /// Whether a failure comes from a missing file; its data set is then looked through again soon.
    func explains(_ failure: SampleFailure) async -> Bool {
        guard failure.code == FilePresence.code else { return false }
        let path = path(of: failure) ?? ""
        let presence = FilePresence.of(path, root: dataset.root)
        guard let reason = presence.reason(path, root: dataset.root) else { return false }
        let isFirst = state.withLock { state in
            defer { state.isTold = true }
            return !state.isTold
        }
        services.logger.log(
            level: isFirst ? .warning : .debug,
            "a file of \(dataset.name) could not be read; its sample is not quarantined",
            metadata: ["sample": "\(failure.sample)", "reason": "\(reason)"])
        await services.watching.scanSoon(dataset.name)
        return true
    }

    private func path(of failure: SampleFailure) -> String? {
        state.withLock { state in
            if state.paths == nil {
                state.paths = (try? SampleListFile(path: dataset.samples).paths()) ?? [:]
            }
            return state.paths?[failure.sample]?[failure.modality]
        }
    }
}
