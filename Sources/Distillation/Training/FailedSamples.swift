import Batching
import Synchronization

/// The files that a run gave up on, and whom to tell.
///
/// Whether a sample is used depends on its own files alone, never on when a failure was found: so batches
/// are the same however far ahead they are prepared, and in a run that was taken up again.
final class FailedSamples: Sendable {
    private struct File: Hashable {
        let sample: Int64
        let modality: String
    }

    private struct State {
        var files: Set<File> = []
        var told: Set<Int64> = []
        var unreported: [SampleError] = []
    }

    private let state = Mutex(State())

    func contains(_ sample: Int64, _ modality: String) -> Bool {
        state.withLock {
            !$0.files.isEmpty && $0.files.contains(File(sample: sample, modality: modality))
        }
    }

    func add(_ error: SampleError) {
        state.withLock { state in
            state.files.insert(File(sample: error.sample, modality: error.modality))
            if state.told.insert(error.sample).inserted { state.unreported.append(error) }
        }
    }

    /// Samples that an earlier part of the run reported; their files are tried again, in silence.
    func add(known ids: [Int64]) { state.withLock { $0.told.formUnion(ids) } }

    var ids: [Int64] { state.withLock { $0.told.sorted() } }

    /// The failures since the last call.
    func drain() -> [SampleError] {
        state.withLock { state in
            defer { state.unreported = [] }
            return state.unreported
        }
    }
}
