package import Foundation
import Glibc

/// Writes a file so that a reader sees all of it or the former one: temporary file, fsync, rename.
package enum AtomicFile {
    /// Writes chunks one after the other.
    ///
    /// - Throws: `InterchangeError.unwritable` or `.diskFull` with the system's reason; the temporary file
    ///   is removed.
    package static func write(_ chunks: [Data], to url: URL) throws {
        let path = url.path
        let folder = url.deletingLastPathComponent().path
        let temporary = "\(folder)/.\(url.lastPathComponent).\(UUID().uuidString)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "creating it") }
        do {
            defer { close(descriptor) }
            for chunk in chunks { try append(chunk, to: descriptor, path) }
            guard fsync(descriptor) == 0 else { throw failure(path, "flushing it to the disk") }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure(path, "putting it in its place")
            unlink(temporary)
            throw error
        }
        // The new name itself lasts only once the folder is on the disk.
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    private static func append(_ chunk: Data, to descriptor: Int32, _ path: String) throws {
        var start = 0
        while start < chunk.count {
            let written = chunk.withUnsafeBytes { bytes -> Int in
                guard let base = bytes.baseAddress else { return 0 }
                return Glibc.write(descriptor, base + start, bytes.count - start)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw failure(path, "writing")
            }
            start += written
        }
    }

    private static func failure(_ path: String, _ what: String) -> InterchangeError {
        let code = errno
        let isFull = code == ENOSPC || code == EDQUOT
        return InterchangeError(
            isFull ? .diskFull : .unwritable, file: path,
            "\(what) failed: \(String(cString: strerror(code)))",
            hint: isFull ? "free some space on the disk" : "check the folder and its rights"
        )
    }
}
