import Batching
import Foundation
import Interchange

/// Turns errors of file operations into what a person can act on; a full disk pauses a job.
package enum FileFailure {
    package static func classify(
        _ error: any Error, path: String, doing: String
    ) -> DistillationError {
        if isDiskFull(error) {
            return DistillationError(
                "disk.full", "\(doing) \(path): no space is left on the device",
                hint: "free some space, then `distillctl resume` the job", retryable: true)
        }
        // What says already what is wrong is no failure of a file.
        if let known = error as? DistillationError { return known }
        let reason = (error as? InterchangeError)?.message ?? error.localizedDescription
        return DistillationError(
            "file.io", "\(doing) \(path) failed: \(reason)", retryable: true)
    }

    /// Whether an error of any room says that the device has no space left.
    package static func isDiskFull(_ error: any Error) -> Bool {
        if let error = error as? InterchangeError { return error.code == .diskFull }
        if let error = error as? CacheError { return error.code == .diskFull }
        if let error = error as? DistillationError { return error.code == "disk.full" }
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain,
            error.code == Int(ENOSPC) || error.code == Int(EDQUOT)
        {
            return true
        }
        if error.domain == NSCocoaErrorDomain, error.code == CocoaError.fileWriteOutOfSpace.rawValue
        {
            return true
        }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(isDiskFull) ?? false
    }
}
