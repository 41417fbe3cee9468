import Synchronization

/// What came of a batch.
struct InspectionOutcome: Sendable {
    /// Files that need no further look.
    var settled = 0
    /// What kept files from being looked at without being their fault.
    var hindrance: String?

    /// Whether a failure's code tells of the machine and not of the file.
    static func isHindrance(_ code: String) -> Bool {
        ["plugin.", "worker.", "cache.", "disk.", "configuration."].contains { code.hasPrefix($0) }
    }

    /// Gathers an outcome from several tasks.
    final class Collector: Sendable {
        private let outcome = Mutex(InspectionOutcome())

        var value: InspectionOutcome { outcome.withLock { $0 } }

        func settle() { outcome.withLock { $0.settled += 1 } }
        func hinder(_ reason: String) { outcome.withLock { $0.hindrance = reason } }
    }
}
