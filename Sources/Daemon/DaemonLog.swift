package import Configuration
import ControlProtocol
import Foundation
package import Logging
import Synchronization

/// The daemon's log on standard error.
package enum DaemonLog {
    private static let level = Mutex(Logger.Level.info)

    /// Makes the logger; the level may change later.
    package static func start(level: LogLevel, surroundings: Surroundings) -> Logger {
        setLevel(level)
        let isManaged =
            surroundings.environment["NOTIFY_SOCKET"] != nil
            || surroundings.environment["JOURNAL_STREAM"] != nil
        return Logger(label: "distilld") { label in
            ServiceLogHandler(
                label: label, isManaged: isManaged, threshold: { DaemonLog.level.withLock { $0 } })
        }
    }

    /// How much is said from now on.
    package static func setLevel(_ level: LogLevel) {
        let level = Logger.Level(rawValue: level.rawValue) ?? .info
        DaemonLog.level.withLock { $0 = level }
    }

    /// The last words of a daemon that cannot start or go on.
    package static func failed(_ error: any Error) {
        let isManaged = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil
        let known =
            (error as? ConfigurationError).map { FailureReply.of($0, topic: "configuration") }
            ?? FailureReply.known(error)
        var text = known.map(\.message) ?? "\(error)"
        if let hint = known?.hint { text += isManaged ? "; \(hint)" : "\n  \(hint)" }
        let line = isManaged ? "<3>\(text)\n" : "distilld: \(text)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}

extension Daemon {
    /// The program's version.
    package static var version: String { ProductVersion.current }
}
