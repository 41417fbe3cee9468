import Foundation
import Synchronization

/// A small shared page that says which samples are being decoded right now.
///
/// A decoder that crashes takes its process along; the daemon then reads the page and knows which sample
/// to suspect. The file holds one 64-bit sample id a lane, little-endian, 0 where the lane is idle.
package final class DecodeJournal: Sendable {
    package static let laneCount = 512

    private struct Page: ~Copyable {
        let address: UnsafeMutablePointer<Int64>
        var free = Array(0..<DecodeJournal.laneCount)

        deinit { munmap(address, DecodeJournal.laneCount * MemoryLayout<Int64>.size) }
    }

    private let page: Mutex<Page>

    package init(path: String) throws {
        let bytes = DecodeJournal.laneCount * MemoryLayout<Int64>.size
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CacheError.last(path, "opening") }
        defer { close(file) }
        // posix_fallocate and not ftruncate: a full disk is an error here and not a signal later.
        let status = posix_fallocate(file, 0, off_t(bytes))
        guard status == 0 else {
            errno = status
            throw CacheError.last(path, "allocating")
        }
        guard
            let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            address != MAP_FAILED
        else { throw CacheError.last(path, "mapping") }
        page = Mutex(Page(address: address.assumingMemoryBound(to: Int64.self)))
    }

    /// Runs `body` with the sample's id on the page.
    package func decoding<Result>(_ sample: Int64, _ body: () throws -> Result) rethrows -> Result {
        let lane = page.withLock { page -> Int? in
            guard let lane = page.free.popLast() else { return nil }
            page.address[lane] = sample.littleEndian
            return lane
        }
        defer {
            if let lane {
                page.withLock { page in
                    page.address[lane] = 0
                    page.free.append(lane)
                }
            }
        }
        return try body()
    }

    /// The samples that a page left behind by a crashed process names.
    package static func suspects(path: String) -> [Int64] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return data.withUnsafeBytes { raw in
            (0..<(raw.count / 8)).map {
                Int64(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self))
            }.filter { $0 != 0 }
        }
    }
}
