import Foundation
import Glibc
package import Logging
import Synchronization

/// Writes log lines on standard error, with the `<N>` priorities that the journal understands.
///
/// - Reference: sd-daemon(3).
package struct ServiceLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    private let threshold: @Sendable () -> Logger.Level
    private let label: String
    private let isManaged: Bool

    /// - Parameters:
    ///   - isManaged: Whether lines go to the journal, which adds time and level itself.
    ///   - threshold: The level in force now.
    package init(
        label: String, isManaged: Bool, threshold: @escaping @Sendable () -> Logger.Level
    ) {
        self.threshold = threshold
        self.label = label
        self.isManaged = isManaged
    }

    /// The daemon has one level for all of its log.
    package var logLevel: Logger.Level {
        get { threshold() }
        set {}
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        // One line is one entry: a message never breaks it.
        let text = "\(event.message)\(fields)".replacing("\n", with: " ")
        let line =
            isManaged
            ? "<\(priority(event.level))>\(text)\n"
            : "\(Date().formatted(.iso8601)) \(event.level) \(text)\n"
        ServiceLogHandler.write(line)
    }

    private static let writing = Mutex(())

    private static func write(_ line: String) {
        let bytes = Array(line.utf8)
        writing.withLock { _ in
            _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        }
    }

    private func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
