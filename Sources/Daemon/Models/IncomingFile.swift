import ControlProtocol
import Foundation
import Glibc
import NIOCore

/// An upload on its way to disk; removed again unless it is kept.
final class IncomingFile {
    let path: String
    private let descriptor: Int32
    private(set) var bytes: Int64 = 0
    private var isKept = false
    private let limit: Int64

    init(path: String, limit: Int64) throws {
        self.path = path
        self.limit = limit
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw IncomingFile.failure(path, errno) }
    }

    deinit {
        close(descriptor)
        if !isKept { unlink(path) }
    }

    /// Leaves the file where it is.
    func keep() { isKept = true }

    /// Appends; a full disk or too many bytes are errors, and nothing stays behind.
    func write(_ buffer: ByteBuffer) throws {
        bytes += Int64(buffer.readableBytes)
        guard bytes <= limit else { throw IncomingFile.tooLarge(limit) }
        try buffer.withUnsafeReadableBytes { raw in
            var rest = raw[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw IncomingFile.failure(path, errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    static func tooLarge(_ limit: Int64) -> ControlError {
        ControlError(
            "model.too_large", "the upload has more than \(limit >> 20) MiB, the most there may be")
    }

    private static func failure(_ path: String, _ number: Int32) -> ControlError {
        switch number {
        case ENOSPC, EDQUOT:
            ControlError(
                "disk.full", "no space is left for the upload in \(path)",
                hint: "free some space in the state folder and send it again", retryable: true)
        default:
            ControlError(
                "state.not_writable", "\(path): \(String(cString: strerror(number)))",
                retryable: true)
        }
    }
}
