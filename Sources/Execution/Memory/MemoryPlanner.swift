/// Places blocks that live for a while into one arena so that no two live ones overlap.
///
/// Largest first, each into the smallest gap that fits between the blocks that live at the same time.
/// - Reference: Pisarchyk and Lee 2020, 2001.03288, "greedy by size".
package enum MemoryPlanner {
    /// A block and the steps during which it lives, both ends included.
    package struct Block: Sendable, Hashable {
        package var byteCount: Int
        package var first: Int
        package var last: Int

        package init(byteCount: Int, first: Int, last: Int) {
            precondition(
                byteCount >= 0 && first <= last, "block of \(byteCount), \(first)...\(last)")
            self.byteCount = byteCount
            self.first = first
            self.last = last
        }

        func overlaps(_ other: Block) -> Bool { first <= other.last && other.first <= last }
    }

    package static let alignment = 64

    /// - Returns: the offset of each block and the arena's size in bytes.
    package static func place(_ blocks: [Block]) -> (offsets: [Int], byteCount: Int) {
        var offsets = [Int](repeating: 0, count: blocks.count)
        var placed: [(block: Block, start: Int, end: Int)] = []
        var total = 0
        let order = blocks.indices.sorted {
            (blocks[$1].byteCount, blocks[$0].first) < (blocks[$0].byteCount, blocks[$1].first)
        }
        for index in order where blocks[index].byteCount > 0 {
            let block = blocks[index]
            let size = (block.byteCount + alignment - 1) / alignment * alignment
            let start = gap(of: size, for: block, among: placed)
            offsets[index] = start
            let place = placed.firstIndex { $0.start > start } ?? placed.count
            placed.insert((block, start, start + size), at: place)
            total = max(total, start + size)
        }
        return (offsets, total)
    }

    private static func gap(
        of size: Int, for block: Block, among placed: [(block: Block, start: Int, end: Int)]
    ) -> Int {
        var best: (start: Int, size: Int)?
        var free = 0
        for other in placed where other.block.overlaps(block) {
            let room = other.start - free
            if room >= size && room < best?.size ?? Int.max { best = (free, room) }
            free = max(free, other.end)
        }
        return best?.start ?? free
    }
}
