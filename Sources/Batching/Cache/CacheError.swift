import Foundation

/// Why a cache could not be opened or written.
package struct CacheError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case io
        /// No space is left on the device.
        case diskFull
    }

    package let code: Code
    package let path: String
    package let message: String

    package init(code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    package var description: String { "\(path): \(message)" }

    /// An error of Foundation's file operations.
    static func wrapping(_ error: any Error, path: String, _ doing: String) -> CacheError {
        var inner = error as NSError
        while let deeper = inner.userInfo[NSUnderlyingErrorKey] as? NSError { inner = deeper }
        let full =
            inner.domain == NSPOSIXErrorDomain
            && (inner.code == Int(ENOSPC) || inner.code == Int(EDQUOT))
        return CacheError(
            code: full ? .diskFull : .io, path: path,
            message: "\(doing) failed: \(inner.localizedDescription)")
    }

    /// The error of the system call that just failed.
    static func last(_ path: String, _ doing: String) -> CacheError {
        let number = errno
        let full = number == ENOSPC || number == EDQUOT
        return CacheError(
            code: full ? .diskFull : .io, path: path,
            message: "\(doing) failed: \(String(cString: strerror(number)))")
    }
}
