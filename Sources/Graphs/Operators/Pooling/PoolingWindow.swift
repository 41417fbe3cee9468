import Tensors

/// Where the windows of a pooling lie.
package struct PoolingWindow: Sendable, Hashable {
    /// Rows and columns of a window.
    package let window: [Int]
    package let strides: [Int]
    package let padding: Padding
    /// Whether a last, partly outlying window counts; it must still begin inside the image or its left
    /// padding, as in torch.
    package let ceilMode: Bool

    init(window: [Int], strides: [Int], padding: Padding, ceilMode: Bool) {
        self.window = window
        self.strides = strides
        self.padding = padding
        self.ceilMode = ceilMode
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("window", .integers(window)), ("strides", .integers(strides)),
            ("padding", .integers(padding.list)), ("ceilMode", .flag(ceilMode)),
        ]
    }

    /// The pooled shape of `[batch, channels, height, width]`.
    func outputShape(_ x: Shape, of operation: some Operator) throws -> Shape {
        let kind = operation.kind
        try operation.expectAttribute("a window", window, count: 2, atLeast: 1)
        try operation.expectAttribute("two strides", strides, count: 2, atLeast: 1)
        try operation.expectAttribute("padding", padding.list, count: 4, atLeast: 0)
        guard x.rank == 4 else {
            throw GraphError(
                .shape,
                "\(kind) expects an image of shape [batch, channels, height, width], got \(x)")
        }
        var result = x
        for axis in 0..<2 {
            let before = padding.before[axis]
            let after = padding.after[axis]
            let room = x[axis + 2] + before + after - window[axis]
            guard before < window[axis], after < window[axis], room >= 0, x[axis + 2] > 0 else {
                throw GraphError(
                    .shape,
                    "\(kind) expects a window that fits and is larger than its padding, got window "
                        + "\(window) and padding \(padding.list) for \(x)")
            }
            var count = (room + (ceilMode ? strides[axis] - 1 : 0)) / strides[axis] + 1
            if ceilMode && (count - 1) * strides[axis] >= x[axis + 2] + before { count -= 1 }
            result[axis + 2] = count
        }
        return result
    }

    /// The part of a window that lies in the image, along rows (axis 0) or columns (axis 1).
    func range(of index: Int, axis: Int, extent: Int) -> Range<Int> {
        let start = index * strides[axis] - padding.before[axis]
        return Swift.max(start, 0)..<Swift.min(start + window[axis], extent)
    }

    /// The extent of a window within image and padding.
    func paddedCount(of index: Int, axis: Int, extent: Int) -> Int {
        let start = index * strides[axis] - padding.before[axis]
        return Swift.min(start + window[axis], extent + padding.after[axis]) - start
    }

    /// Visits every window with its offset in y, its offsets in x, row by row, and how many elements it has
    /// with padding.
    func windows(
        x: Shape, y: Shape, _ visit: (_ target: Int, _ sources: [Int], _ padded: Int) -> Void
    ) {
        var target = 0
        for plane in 0..<(x[0] * x[1]) {
            for row in 0..<y[2] {
                let rows = range(of: row, axis: 0, extent: x[2])
                let paddedRows = paddedCount(of: row, axis: 0, extent: x[2])
                for column in 0..<y[3] {
                    let columns = range(of: column, axis: 1, extent: x[3])
                    let paddedColumns = paddedCount(of: column, axis: 1, extent: x[3])
                    let sources = rows.flatMap { sourceRow in
                        columns.map { (plane * x[2] + sourceRow) * x[3] + $0 }
                    }
                    visit(target, sources, paddedRows * paddedColumns)
                    target += 1
                }
            }
        }
    }
}
