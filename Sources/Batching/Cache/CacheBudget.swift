import Foundation
import Synchronization

/// How many bytes all caches together may take, and how many they take already.
///
/// Over the quota a cache stops admitting and its users compute misses live: under cyclic epochs the
/// least recently used record is always the next one wanted, so evicting within a run never helps.
package final class CacheBudget: Sendable {
    /// Bytes.
    package let quota: Int64
    private let used: Mutex<Int64>

    /// - Parameter quota: bytes; nil: min(50 GB, 20 % of the free disk plus what the caches hold).
    package init(folder: String, quota: Int64?) {
        let held = CacheBudget.bytes(below: folder)
        used = Mutex(held)
        if let quota {
            self.quota = quota
        } else {
            let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
            let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
            self.quota = min(50_000_000_000, (free + held) / 5)
        }
    }

    package var bytesUsed: Int64 { used.withLock { $0 } }

    /// Takes `bytes` from the budget if they are left.
    package func admit(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard used + Int64(bytes) <= quota else { return false }
            used += Int64(bytes)
            return true
        }
    }

    /// Gives bytes back after an eviction or a failed write.
    package func release(_ bytes: Int64) {
        used.withLock { $0 -= bytes }
    }

    /// The sizes of all regular files below a folder.
    package static func bytes(below folder: String) -> Int64 {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return 0 }
        var total: Int64 = 0
        while walk.nextObject() != nil {
            if walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                total += (walk.fileAttributes?[.size] as? NSNumber)?.int64Value ?? 0
            }
        }
        return total
    }
}
