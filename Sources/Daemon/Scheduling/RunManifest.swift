import ControlProtocol
import Foundation

/// A job's copy of its data set's manifest, kept beside its sample list.
///
/// A manifest that changes while a job waits or rests would alter what its samples mean; the job goes
/// on with the one it began with.
struct RunManifest: Sendable {
    let path: String

    init(runFolder: String) {
        path = "\(runFolder)/manifest.toml"
    }

    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Writes the text byte for byte, whole or not at all.
    func write(_ text: String) throws {
        try FileReplacement.write(path) { append in try append(Data(text.utf8)) }
    }

    func text() throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ControlError(
                "state.not_readable", "the job's copy of the manifest, \(path), cannot be read",
                hint: "restore it, or enqueue the recipe as a new job", retryable: true)
        }
        return text
    }
}
