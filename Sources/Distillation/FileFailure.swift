import Foundation

/// Turns errors of file operations into what a person can act on; a full disk pauses a job.
enum FileFailure {
    static func classify(_ error: any Error, path: String, doing: String) -> DistillationError {
        if isDiskFull(error) {
            return DistillationError(
                "disk.full", "\(doing) \(path): no space is left on the device",
                hint: "free some space, then `distillctl resume` the job", retryable: true)
        }
        return DistillationError(
            "file.io", "\(doing) \(path) failed: \(error.localizedDescription)", retryable: true)
    }

    static func isDiskFull(_ error: any Error) -> Bool {
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
