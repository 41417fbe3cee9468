import Foundation

/// Files that survive a power cut.
enum DurableFile {
    /// Writes a file's content to disk.
    static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("write", path) }
    }

    /// Renames a file over another and writes the folder to disk.
    static func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else { throw failure("rename", path) }
        try sync((target as NSString).deletingLastPathComponent)
    }

    private static func failure(_ verb: String, _ path: String) -> CatalogError {
        let number = errno
        let code: CatalogError.Code = number == ENOSPC ? .diskFull : .unavailable
        return CatalogError(code, "cannot \(verb) \(path): \(String(cString: strerror(number)))")
    }
}
