import Synchronization

/// Whether every part of the daemon still moves: each ticks, and the watchdog asks.
package final class Liveness: Sendable {
    package enum Part: String, Sendable, CaseIterable {
        case database, watcher, scheduler, socket
    }

    private let ticked: Mutex<Set<Part>>

    package init() {
        ticked = Mutex([])
    }

    package func tick(_ part: Part) {
        _ = ticked.withLock { $0.insert(part) }
    }

    /// The parts that have not ticked since the last call; every part then starts anew.
    package func takeSilent() -> [Part] {
        ticked.withLock { ticked in
            defer { ticked = [] }
            return Part.allCases.filter { !ticked.contains($0) }
        }
    }
}
