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

/// A file of the caller that appears under its name when it is complete.
final class WritableFile: Sendable {
    private let descriptor: Int32
    private let path: String
    private let temporary: String

    init(path: String) throws {
        self.path = path
        temporary = "\(path).part\(getpid())"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw WritableFile.failure(path, errno) }
    }

    deinit {
        close(descriptor)
        unlink(temporary)
    }

    func write(_ buffer: ByteBuffer) throws {
        try buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { throw WritableFile.failure(path, errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    func commit() throws {
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw WritableFile.failure(path, errno)
        }
    }

    private static func failure(_ path: String, _ number: Int32) -> ControlError {
        ControlError(
            number == ENOSPC ? "disk.full" : "file.not_writable",
            "\(path): \(String(cString: strerror(number)))")
    }
}
