import ControlProtocol
import Foundation

/// Which program does the work, and what it finds around it.
package struct WorkerProgram: Sendable {
    /// The executable; workers are started by distilld alone, never by a name a client gives.
    package let path: String
    package let environment: [String: String]
    /// Added to the daemon's own niceness.
    package let niceness: Int32

    package init(path: String, environment: [String: String], niceness: Int32 = 10) {
        self.path = path
        self.environment = WorkerProgram.cleared(environment)
        self.niceness = niceness
    }

    /// `distill-worker` beside the running program, or in `../libexec/distilld/`.
    package static func candidates(executable: String) -> [String] {
        let folder = (executable as NSString).deletingLastPathComponent
        let above = (folder as NSString).deletingLastPathComponent
        return ["\(folder)/distill-worker", "\(above)/libexec/distilld/distill-worker"]
    }

    /// The first candidate that can be run, else the first.
    package static func located(executable: String) -> String {
        let candidates = candidates(executable: executable)
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? candidates[0]
    }

    package var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// - Throws: `ControlError` `worker.missing` with the path.
    func require() throws {
        guard isThere else {
            throw ControlError(
                "worker.missing", "the worker program \(path) is not there or cannot be run",
                hint: "distill-worker belongs beside distilld or in ../libexec/distilld/")
        }
    }

    /// Only what a worker needs: no notify socket, no passed descriptors, nobody's secrets.
    static func cleared(_ environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in
            kept.contains(name) || keptPrefixes.contains { name.hasPrefix($0) }
        }
    }

    private static let kept: Set<String> = ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH"]
    private static let keptPrefixes = ["OMP_", "OPENBLAS_", "XDG_"]
}
