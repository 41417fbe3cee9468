import CLinux
import ControlProtocol
import Foundation
import Glibc

/// Where the daemon keeps everything: catalog.sqlite, models/, runs/, cache/, incoming/, lock.
package struct StateFolder: Sendable, Equatable {
    package let path: String

    package var catalog: String { "\(path)/catalog.sqlite" }
    /// A folder for each model, named for it.
    package var models: String { "\(path)/models" }
    /// A run folder for each job.
    package var runs: String { "\(path)/runs" }
    /// Uploads and models in the making; emptied at each start.
    package var incoming: String { "\(path)/incoming" }
    package var lock: String { "\(path)/lock" }

    package init(path: String) {
        self.path = path
    }

    package func model(_ name: String) -> String { "\(models)/\(name)" }
    package func run(_ job: String) -> String { "\(runs)/\(job)" }

    /// Makes what is missing and checks that it can be used.
    ///
    /// - Throws: `ControlError` that names the folder, the user and what is wrong.
    package func prepare() throws {
        for folder in [path, models, runs, incoming] {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw unusable(folder, "cannot be made: \(error.localizedDescription)")
            }
            guard access(folder, R_OK | W_OK | X_OK) == 0 else {
                throw unusable(folder, "cannot be used: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Throws away what uploads and crashed imports left behind; the lock is held.
    package func clearIncoming() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: incoming)) ?? [] {
            try? files.removeItem(atPath: "\(incoming)/\(name)")
        }
    }

    /// A new name in `incoming/`.
    func newIncoming(_ kind: String) -> String {
        "\(incoming)/\(kind)-\(UUID().uuidString.lowercased())"
    }

    /// Bytes that an unprivileged process may still write there.
    var freeBytes: Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int64(status.f_bavail) * Int64(status.f_frsize)
    }

    private func unusable(_ folder: String, _ reason: String) -> ControlError {
        ControlError(
            "state.not_writable", "the state folder \(folder) \(reason)",
            hint: "user \(geteuid()) must be able to read and write it: "
                + "`sudo chown -R \(geteuid()) \(path)`, or name another with --state")
    }
}
