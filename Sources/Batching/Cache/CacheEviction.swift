import Foundation

/// Makes room for a new run by removing whole stores that nobody has used for longest.
///
/// Only between runs: within a run every record is wanted again. A store that another process has open is
/// left alone.
package enum CacheEviction {
    /// The share of the quota above which stores go, and down to which they go.
    private static let limits = (high: 0.8, low: 0.5)

    /// - Parameter folder: the folder that holds `views/` and `targets/`.
    /// - Returns: the stores that were removed.
    @discardableResult
    package static func makeRoom(below folder: String, budget: CacheBudget) -> [String] {
        guard Double(budget.bytesUsed) > limits.high * Double(budget.quota) else { return [] }
        let manager = FileManager.default
        var stores: [(path: String, used: Date)] = []
        for kind in ["views", "targets"] {
            let parent = folder + "/" + kind
            for name in (try? manager.contentsOfDirectory(atPath: parent)) ?? [] {
                let path = parent + "/" + name
                let attributes = try? manager.attributesOfItem(atPath: path + "/key.json")
                stores.append((path, attributes?[.modificationDate] as? Date ?? .distantPast))
            }
        }
        var removed: [String] = []
        for store in stores.sorted(by: { $0.used < $1.used }) {
            guard Double(budget.bytesUsed) > limits.low * Double(budget.quota) else { break }
            let lock = open(store.path + "/lock", O_RDWR | O_CLOEXEC)
            guard lock >= 0 else { continue }
            defer { close(lock) }
            guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { continue }
            let bytes = CacheBudget.bytes(below: store.path)
            guard (try? manager.removeItem(atPath: store.path)) != nil else { continue }
            budget.release(bytes)
            removed.append(store.path)
        }
        return removed
    }
}
