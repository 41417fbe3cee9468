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

    package var description: String { "\(path): \(message)" }

    /// The error of the system call that just failed.
    static func last(_ path: String, _ doing: String) -> CacheError {
        let number = errno
        let full = number == ENOSPC || number == EDQUOT
        return CacheError(
            code: full ? .diskFull : .io, path: path,
            message: "\(doing) failed: \(String(cString: strerror(number)))")
    }
}
