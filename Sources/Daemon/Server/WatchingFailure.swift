import ControlProtocol
import Watching

extension FailureReply {
    /// What is wrong with a folder, in the protocol's words.
    static func ofWatching(_ error: any Error) -> ControlError? {
        guard let error = error as? WatchingError else { return nil }
        return ControlError(
            error.code.rawValue, error.message, hint: error.hint.isEmpty ? nil : error.hint,
            retryable: error.code == .stopped)
    }
}
