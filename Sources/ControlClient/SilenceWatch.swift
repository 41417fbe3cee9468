import ControlProtocol
import Foundation
import Synchronization

/// Tells a daemon that is at work from one that is stopped or stuck.
///
/// A reply may take its time, as that of an evaluation does. A daemon that has not begun to answer for a while is asked
/// for its version over another connection, which costs it nothing: only if that goes without an answer as well is it
/// taken for silent.
final class SilenceWatch: Sendable {
    private let path: String
    private let patience: Duration
    private let hasAnswered = Atomic(false)

    init(path: String, patience: Duration) {
        self.path = path
        self.patience = patience
    }

    /// The reply has begun.
    func end() { hasAnswered.store(true, ordering: .releasing) }

    /// Returns once the reply has begun.
    ///
    /// - Throws: `daemon.unreachable`.
    func run() async throws {
        while true {
            try await Task.sleep(for: patience)
            if hasAnswered.load(ordering: .acquiring) { return }
            guard await isAlive() || hasAnswered.load(ordering: .acquiring) else {
                throw ControlError(
                    "daemon.unreachable",
                    "distilld does not answer at \(path): it has been silent for \(patience * 2)",
                    hint:
                        "it may be stopped or overloaded: `systemctl status distilld`, or `ps` for a process in "
                        + "state T; --timeout waits longer", retryable: true)
            }
        }
    }

    private func isAlive() async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask { [path] in
                let version: JSONValue? = try? await ControlConnection(path: path, patience: nil)
                    .exchange(
                        VersionProbe(), contentType: "", contentLength: nil, body: { _ in },
                        reply: { source in try await source.document(JSONValue.self) })
                return version != nil
            }
            tasks.addTask { [patience] in
                try? await Task.sleep(for: patience)
                return false
            }
            let first = await tasks.next() ?? false
            tasks.cancelAll()
            return first
        }
    }
}

private struct VersionProbe: ControlRequest {
    typealias Reply = JSONValue
    var method: ControlMethod { .get }
    var path: [String] { ["version"] }
}
