import Synchronization

/// What came of a batch.
struct InspectionOutcome: Sendable {
    /// Files that need no further look.
    var settled = 0
    /// What kept files from being looked at without being their fault.
    var hindrance: Hindrance?

    /// Why the files of a data set wait.
    struct Hindrance: Sendable, Equatable {
        var reason: String
        /// Whether a file or its folder was not there: the next scan of the data set settles that.
        var endsWithScan = false
    }

    /// Whether a failure's code tells of the machine and not of the file.
    static func isHindrance(_ code: String) -> Bool {
        ["plugin.", "worker.", "cache.", "disk.", "configuration."].contains { code.hasPrefix($0) }
    }

    /// Gathers an outcome from several tasks.
    final class Collector: Sendable {
        private let outcome = Mutex(InspectionOutcome())

        var value: InspectionOutcome { outcome.withLock { $0 } }

        func settle() { outcome.withLock { $0.settled += 1 } }
        func hinder(_ reason: String, endsWithScan: Bool = false) {
            outcome.withLock {
                // What only a person can end counts for more.
                if $0.hindrance?.endsWithScan == false { return }
                $0.hindrance = Hindrance(reason: reason, endsWithScan: endsWithScan)
            }
        }
    }
}
