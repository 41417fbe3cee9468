import Catalog
import Foundation
import Synchronization

/// Tells files at rest from files that are still being written: a file has settled when its stamp has
/// stayed the same for the settle time.
///
/// The kernel moves a file's change time with every write and nobody else can set it, so an old change
/// time is proof. Where it lies in the future (another machine's clock, or ours went back) the stamp
/// is watched for the settle time instead.
final class SettleClock: Sendable {
    private struct Sighting {
        var stamp: FileStamp
        var since: ContinuousClock.Instant
    }

    private let sightings = Mutex<[String: Sighting]>([:])

    /// Whether a file has settled by now.
    ///
    /// - Parameter settle: Milliseconds.
    func hasSettled(_ path: String, _ stamp: FileStamp, settle: Int64) -> Bool {
        let age = Self.wallClock() - stamp.changed
        if age >= settle * 1_000_000 {
            _ = sightings.withLock { $0.removeValue(forKey: path) }
            return true
        }
        let now = ContinuousClock.now
        return sightings.withLock { sightings in
            guard let sighting = sightings[path], sighting.stamp == stamp else {
                sightings[path] = Sighting(stamp: stamp, since: now)
                return settle == 0
            }
            return now - sighting.since >= .milliseconds(settle)
        }
    }

    /// Forgets files that have not been asked for of late: those that are gone.
    func forget(olderThan age: Duration) {
        let now = ContinuousClock.now
        sightings.withLock { sightings in
            sightings = sightings.filter { now - $0.value.since < age }
        }
    }

    /// Nanoseconds since 1970.
    private static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
