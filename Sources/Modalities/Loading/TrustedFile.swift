import Digests
import Foundation

/// The checks on files whose content will run as code.
enum TrustedFile {
    /// Refuses a file or folder that somebody else than its owner may change, or whose owner is
    /// neither root nor the user this process runs as.
    ///
    /// - Throws: `plugin.unreadable`, `plugin.writable_by_others`, `plugin.foreign_owner`.
    static func check(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw PluginError(
                code: "plugin.unreadable", message: "it cannot be read: \(reason(errno))",
                hint: "check that it exists and who may read it", path: path)
        }
        guard status.st_mode & 0o022 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw PluginError(
                code: "plugin.writable_by_others",
                message: "its mode is \(mode): group or others may change code that would run here",
                hint: "run `chmod go-w \(path)`", path: path)
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw PluginError(
                code: "plugin.foreign_owner",
                message: "it belongs to user \(status.st_uid), expected root or \(geteuid())",
                hint: "run `chown root \(path)` if you trust it", path: path)
        }
    }

    /// The SHA-256 of a file's bytes in lowercase hexadecimal.
    static func sha256(_ path: String) throws -> String {
        do {
            return SHA256.hexadecimal(of: try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw PluginError(
                code: "plugin.unreadable", message: "it cannot be read: \(error)",
                hint: "check that it exists and who may read it", path: path)
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
