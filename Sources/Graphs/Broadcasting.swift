package import Tensors

/// Maps an index into a broadcast tensor to the index of the element it repeats.
package struct Broadcasting: Sendable {
    private let extents: [Int]
    private let strides: [Int]

    /// - Precondition: `source` broadcasts to `target`.
    package init(_ source: Shape, to target: Shape) {
        let padded = source.padded(to: target.rank)
        extents = target.dimensions
        strides = zip(padded.dimensions, padded.strides).map { $0 == 1 ? 0 : $1 }
    }

    package func source(of index: Int) -> Int {
        var rest = index
        var offset = 0
        for axis in stride(from: extents.count - 1, through: 0, by: -1) {
            offset += (rest % extents[axis]) * strides[axis]
            rest /= extents[axis]
        }
        return offset
    }
}
