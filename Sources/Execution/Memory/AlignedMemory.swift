import Foundation

/// A block of zeroed memory, aligned for vector instructions, in large pages where it is large.
final class AlignedMemory {
    let address: UnsafeMutableRawPointer
    let byteCount: Int

    /// - Throws: `ExecutionError.outOfMemory`.
    init(byteCount: Int) throws {
        let largePage = 2 << 20
        let size = max(byteCount, 64)
        try SystemMemory.require(size, for: "the values of what is computed")
        let alignment = size >= 2 * largePage ? largePage : 4096
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, alignment, size) == 0, let block else {
            throw ExecutionError(.outOfMemory, "no memory for a block of \(size) bytes")
        }
        if alignment == largePage { madvise(block, size, MADV_HUGEPAGE) }
        memset(block, 0, size)
        address = block
        self.byteCount = byteCount
    }

    deinit { free(address) }

    var floats: UnsafeMutablePointer<Float> { address.assumingMemoryBound(to: Float.self) }
}

extension Int {
    /// The next multiple of a cache line's bytes.
    var roundedUpToLine: Int { (self + 63) / 64 * 64 }
}
