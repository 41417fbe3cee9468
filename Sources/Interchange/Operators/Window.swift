import Graphs

/// A window that slides over the spatial axes.
package struct Window: Sendable, Hashable {
    package var size: [Int]
    package var strides: [Int]
    package var dilations: [Int]
    package var before: [Int]
    package var after: [Int]
    /// Whether a last, incomplete window counts.
    package var ceiling: Bool

    package init(
        size: [Int], strides: [Int], dilations: [Int], before: [Int], after: [Int],
        ceiling: Bool = false
    ) {
        self.size = size
        self.strides = strides
        self.dilations = dilations
        self.before = before
        self.after = after
        self.ceiling = ceiling
    }

    /// How far the window reaches along an axis, dilation included.
    package func reach(_ axis: Int) -> Int { (size[axis] - 1) * dilations[axis] + 1 }

    /// The number of positions along each axis.
    ///
    /// - Throws: `GraphError.shape` where the window is larger than the padded input.
    package func outputs(_ extents: [Int]) throws -> [Int] {
        try extents.indices.map { axis in
            let room = extents[axis] + before[axis] + after[axis] - reach(axis)
            guard room >= 0 else {
                throw GraphError(
                    .shape, "a window \(size) does not fit into \(extents) with its padding")
            }
            guard ceiling else { return room / strides[axis] + 1 }
            let count = (room + strides[axis] - 1) / strides[axis] + 1
            // A last window that begins in the padding after the input does not count.
            let begins = (count - 1) * strides[axis]
            return begins >= extents[axis] + before[axis] ? count - 1 : count
        }
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("size", .integers(size)), ("strides", .integers(strides)),
            ("dilations", .integers(dilations)), ("before", .integers(before)),
            ("after", .integers(after)), ("ceiling", .flag(ceiling)),
        ]
    }
}
