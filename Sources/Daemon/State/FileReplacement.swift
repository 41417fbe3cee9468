import CLinux
import ControlProtocol
import Foundation
import Glibc

/// Puts a file in its place whole or not at all, also when the power goes.
enum FileReplacement {
    /// Writes beside the place, forces the content to disk and renames it there.
    ///
    /// - Parameter body: Is handed what appends bytes to the file.
    /// - Throws: `ControlError` `disk.full` or `state.not_writable`, and what `body` throws.
    static func write(
        _ path: String, _ body: (_ append: (Data) throws -> Void) throws -> Void
    ) throws {
        let temporary = path + ".part"
        guard let file = fopen(temporary, "we") else { throw failure(path) }
        defer { unlink(temporary) }
        do {
            try body { data in
                let written = data.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
                if written != data.count { throw failure(path) }
            }
        } catch {
            fclose(file)
            throw error
        }
        let isOnDisk = fflush(file) == 0 && fsync(fileno(file)) == 0
        guard fclose(file) == 0, isOnDisk, rename(temporary, path) == 0 else {
            throw failure(path)
        }
        _ = clinux_sync_folder((path as NSString).deletingLastPathComponent)
    }

    private static func failure(_ path: String) -> ControlError {
        ControlError(
            errno == ENOSPC ? "disk.full" : "state.not_writable",
            "\(path): \(String(cString: strerror(errno)))", retryable: true)
    }
}
