import ControlProtocol
import Foundation
import Glibc
import NIOCore

/// Files that are sent piece by piece.
enum FileStream {
    private static let pieceBytes = 256 << 10

    /// The whole file as it is now.
    static func response(_ path: String, contentType: String) throws -> Response {
        let file = try OpenFile(path)
        let size = file.size
        return .stream(contentType: contentType, length: size) { sink in
            try await send(file, from: 0, to: size, sink)
        }
    }

    /// Sends the bytes in a range, waiting while the client does not read.
    static func send(
        _ file: OpenFile, from start: Int64, to end: Int64, _ sink: ResponseSink
    ) async throws {
        var offset = start
        while offset < end {
            let piece = try file.read(at: offset, upTo: Int(min(Int64(pieceBytes), end - offset)))
            guard piece.readableBytes > 0 else {
                throw ControlError("file.truncated", "\(file.path) shrank while it was sent")
            }
            offset += Int64(piece.readableBytes)
            try await sink.write(piece)
        }
    }
}

/// A file open for reading by position.
final class OpenFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ControlError(
                errno == ENOENT ? "file.not_found" : "file.not_readable",
                "\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Its size now.
    var size: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    func read(at offset: Int64, upTo count: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var number: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            let got = pread(descriptor, bytes.baseAddress, count, off_t(offset))
            if got < 0 { number = errno }
            return max(0, got)
        }
        guard number == 0 else {
            throw ControlError("file.not_readable", "\(path): \(String(cString: strerror(number)))")
        }
        return buffer
    }
}
