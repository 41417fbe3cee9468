import Foundation

/// A sample's bytes, read once; files are read rather than mapped, because one that shrinks while
/// it is mapped would kill the process.
package struct SampleFile {
    package let bytes: [UInt8]

    /// Limits that every format shares.
    package static let maximumBytes = 1 << 30
    package static let maximumSide = 32_768
    package static let maximumPixels = 1 << 26

    /// Wraps bytes that are already here.
    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a regular file of at most 1 GiB.
    ///
    /// - Throws: `file.unreadable`, `file.not_regular`, `file.empty`, `file.too_large`.
    package init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.unreadable() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PluginFailure("file.not_regular", "it is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            throw PluginFailure("file.empty", "it is empty: was it still being written?")
        }
        guard size <= Self.maximumBytes else {
            throw PluginFailure("file.too_large", "it has \(size) bytes, the limit is 1 GiB")
        }
        bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let count = read(
                    descriptor, buffer.baseAddress?.advanced(by: filled), size - filled)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw Self.unreadable()
                }
                if count == 0 { break }
                filled += count
            }
        }
    }

    /// Whether the file begins with these bytes.
    package func begins(with magic: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// The file's first bytes for an error message.
    package var firstBytes: String {
        bytes.prefix(8).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0\(text)" : text
        }.joined(separator: " ")
    }

    /// Refuses sizes that no camera has.
    ///
    /// - Throws: `file.size`.
    package static func check(width: Int, height: Int) throws {
        guard (1...maximumSide).contains(width), (1...maximumSide).contains(height),
            width * height <= maximumPixels
        else {
            throw PluginFailure(
                "file.size",
                "it declares \(width) x \(height) pixels, expected sides of 1 to \(maximumSide) "
                    + "and at most \(maximumPixels) pixels")
        }
    }

    private static func unreadable() -> PluginFailure {
        PluginFailure("file.unreadable", "it cannot be read: \(String(cString: strerror(errno)))")
    }
}
