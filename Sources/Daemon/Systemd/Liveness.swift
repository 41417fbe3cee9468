import Synchronization

/// Whether every part of the daemon still moves: each ticks, and the watchdog asks.
package final class Liveness: Sendable {
    package enum Part: String, Sendable, CaseIterable {
        case database, watcher, scheduler, socket
    }

    private let ticked: Mutex<[Part: ContinuousClock.Instant]>

    /// Counts every part as having ticked at `start`.
    package init(at start: ContinuousClock.Instant = .now) {
        ticked = Mutex(
            Dictionary(uniqueKeysWithValues: Part.allCases.map { ($0, start) }))
    }

    package func tick(_ part: Part, at now: ContinuousClock.Instant = .now) {
        ticked.withLock { $0[part] = now }
    }

    /// The parts whose last tick is longer ago than `limit`.
    package func silent(
        for limit: Duration, at now: ContinuousClock.Instant = .now
    ) -> [Part] {
        ticked.withLock { ticked in
            Part.allCases.filter { part in
                guard let last = ticked[part] else { return true }
                return now - last > limit
            }
        }
    }
}
