import Catalog
import Foundation

/// The system's limit of watches, in words.
enum WatchLimit {
    /// How many folders a user may watch.
    static var current: Int? {
        (try? String(contentsOfFile: "/proc/sys/fs/inotify/max_user_watches", encoding: .utf8))
            .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// The problem of a data set that could not be watched in full.
    static func problem(needed: Int, seconds: Int) -> CatalogProblem {
        let limit = current
        let wanted = max(2 * needed, 2 * (limit ?? 0), 524_288)
        return CatalogProblem(
            code: "watch.limit",
            message: """
                the folders need \(needed) watches, the limit is \
                \(limit.map(String.init) ?? "unknown"): they are looked through every \
                \(seconds) s instead
                """,
            hint: "`sysctl -w fs.inotify.max_user_watches=\(wanted)` raises the limit")
    }
}
