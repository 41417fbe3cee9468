import Graphs
import Tensors

/// What a slice takes of an axis, resolved for an extent.
struct IndexRange {
    let first: Int
    let count: Int
    let step: Int
    /// Whether it is the whole axis as it is.
    let isWhole: Bool

    init(from start: Int, to end: Int, step: Int, extent: Int) {
        func clamped(_ index: Int, _ low: Int, _ high: Int) -> Int {
            let front = index < 0 ? index.addingReportingOverflow(extent).partialValue : index
            return min(max(front, low), high)
        }
        self.step = step
        if step > 0 {
            first = clamped(start, 0, extent)
            let last = clamped(end, 0, extent)
            count = last > first ? (last - first - 1) / step + 1 : 0
            isWhole = first == 0 && last == extent && step == 1
        } else {
            first = clamped(start, -1, extent - 1)
            // An end so far below that it stays negative means: down to and including the first.
            let last = end < -extent ? -1 : clamped(end, -1, extent - 1)
            count = first > last ? (first - last - 1) / -step + 1 : 0
            isWhole = false
        }
    }
}

extension NodeConversion {
    /// The elements of a range along an axis.
    func range(_ x: Value, _ axis: Int, _ range: IndexRange) throws -> Value {
        if range.count == 0 { return try add(Slice(axis: axis, start: 0, length: 0), x) }
        if range.step == 1 {
            return try add(Slice(axis: axis, start: range.first, length: range.count), x)
        }
        if range.step > 1, let y = try picked(x, axis, range) { return y }
        return try add(
            StridedSlice(axis: axis, start: range.first, step: range.step, count: range.count), x)
    }

    /// One of every `step` elements by cutting the axis into pieces, which the engine does fast; nil where the
    /// axis is too short for whole pieces.
    private func picked(_ x: Value, _ axis: Int, _ range: IndexRange) throws -> Value? {
        let shape = shape(of: x)
        let (length, overflow) = range.count.multipliedReportingOverflow(by: range.step)
        // The element to keep may lie anywhere in its piece.
        let earliest = max(0, range.first - range.step + 1)
        guard !overflow, shape.rank < 8, length <= shape[axis] else { return nil }
        let start = min(range.first, shape[axis] - length)
        guard start >= earliest else { return nil }
        let part = try add(Slice(axis: axis, start: start, length: length), x)
        func copied(_ axes: Range<Int>) -> [ReshapeDimension] { axes.map { .copy($0) } }
        let pieces = try add(
            Reshape(
                to: copied(0..<axis) + [.size(range.count), .size(range.step)]
                    + copied((axis + 1)..<shape.rank)), part)
        let kept = try add(Slice(axis: axis + 1, start: range.first - start, length: 1), pieces)
        let axes = Array(0...axis) + Array((axis + 2)..<(shape.rank + 1))
        return try add(Reshape(to: axes.map { .copy($0) }), kept)
    }
}
