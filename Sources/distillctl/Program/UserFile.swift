import ControlProtocol
import Foundation

/// Files that the user names on the command line.
enum UserFile {
    /// The text of a file; `-` is standard input.
    ///
    /// - Throws: `ControlError` that says why it cannot be read.
    static func text(_ path: String) throws -> String {
        let data: Data
        if path == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            guard let read = FileManager.default.contents(atPath: path) else {
                throw unreadable(path)
            }
            data = read
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw ControlError(
                "file.not_text", "\(name(path)) is not UTF-8 text", hint: "is it the right file?")
        }
        return text
    }

    /// What messages call the file.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// The path from the root, for programs that run elsewhere.
    static func absolute(_ path: String) -> String {
        let expanded = NSString(string: path).expandingTildeInPath
        return URL(fileURLWithPath: expanded).standardizedFileURL.path
    }

    static func unreadable(_ path: String) -> ControlError {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return ControlError("file.not_found", "\(path): there is no such file")
        }
        return ControlError(
            "file.not_readable",
            isFolder.boolValue
                ? "\(path) is a folder, expected a file" : "\(path) may not be read by you")
    }
}
