import Foundation

/// Floats between two pages that nobody may touch: writing one element too far ends the process.
final class GuardedBuffer {
    let values: UnsafeMutableBufferPointer<Float>
    private let mapping: UnsafeMutableRawPointer
    private let byteCount: Int

    /// At which end of the room the values touch the forbidden page.
    enum Edge: CaseIterable { case front, back }

    /// Maps room for `count` floats, all set to a value that is not a number.
    ///
    /// - Throws: `verify.memory`.
    init(count: Int, touching edge: Edge) throws {
        let page = Int(getpagesize())
        let room = (count * MemoryLayout<Float>.stride + page - 1) / page * page
        byteCount = room + 2 * page
        guard
            let found = mmap(
                nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            found != UnsafeMutableRawPointer(bitPattern: -1)
        else {
            throw PluginError(
                code: "verify.memory", message: "no memory for \(byteCount) bytes of guarded pages")
        }
        mapping = found
        mprotect(mapping, page, PROT_NONE)
        mprotect(mapping + (page + room), page, PROT_NONE)
        let offset =
            edge == .front ? page : page + room - count * MemoryLayout<Float>.stride
        let start = (mapping + offset).bindMemory(to: Float.self, capacity: count)
        values = UnsafeMutableBufferPointer(start: start, count: count)
        values.initialize(repeating: .nan)
    }

    deinit { munmap(mapping, byteCount) }
}
