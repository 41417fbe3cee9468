import ControlProtocol
import Foundation
import Glibc
import NIOCore

/// A file of the caller that is read by position.
final class ReadableFile: Sendable {
    private let descriptor: Int32
    private let path: String
    let size: Int64

    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ReadableFile.failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ControlError("file.not_readable", "\(path) is not a regular file")
        }
        self.descriptor = descriptor
        self.path = path
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    func read(upTo count: Int64, after offset: Int64) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: Int(count))
        let got = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(count)) { bytes in
            max(0, pread(descriptor, bytes.baseAddress, Int(count), off_t(offset)))
        }
        guard got > 0 else {
            throw ControlError(
                "file.not_readable",
                "\(path) ended at \(offset) of \(size) bytes while it was sent",
                hint: "is another program still writing it?")
        }
        return buffer
    }

    private static func failure(_ path: String, _ number: Int32) -> ControlError {
        let code = number == ENOENT ? "file.not_found" : "file.not_readable"
        return ControlError(code, "\(path): \(String(cString: strerror(number)))")
    }
}
