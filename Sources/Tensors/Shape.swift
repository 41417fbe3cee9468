/// The extents of a tensor, outermost first: `[batch, channels, height, width]` for images.
package struct Shape: Sendable, Hashable, Codable, ExpressibleByArrayLiteral {
    package var dimensions: [Int]

    package init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "negative extent in \(dimensions)")
        self.dimensions = dimensions
    }

    package init(arrayLiteral elements: Int...) {
        self.init(elements)
    }

    /// A scalar: no dimensions, one element.
    package static let scalar = Shape([])

    package var rank: Int { dimensions.count }
    package var count: Int { dimensions.reduce(1, *) }

    /// The count, nil if it does not fit into a word: for shapes that come from files.
    package var checkedCount: Int? {
        var count = 1
        for extent in dimensions where extent != 0 {
            let (product, overflows) = count.multipliedReportingOverflow(by: extent)
            if overflows { return nil }
            count = product
        }
        return dimensions.contains(0) ? 0 : count
    }

    package subscript(_ axis: Int) -> Int {
        get { dimensions[axis < 0 ? axis + dimensions.count : axis] }
        set { dimensions[axis < 0 ? axis + dimensions.count : axis] = newValue }
    }

    /// Distances in elements between neighbours along each axis, row-major.
    package var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    /// The common shape of two operands under NumPy's broadcasting rules, or nil.
    package func broadcast(with other: Shape) -> Shape? {
        let rank = max(self.rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 1...max(rank, 1) where axis <= rank {
            let left = axis <= self.rank ? dimensions[self.rank - axis] : 1
            let right = axis <= other.rank ? other.dimensions[other.rank - axis] : 1
            guard left == right || left == 1 || right == 1 else { return nil }
            result[rank - axis] = left == 1 ? right : left
        }
        return Shape(result)
    }

    /// The same extents with leading ones up to `rank`.
    package func padded(to rank: Int) -> Shape {
        precondition(rank >= self.rank)
        return Shape([Int](repeating: 1, count: rank - self.rank) + dimensions)
    }
}

extension Shape: CustomStringConvertible {
    package var description: String {
        "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
    }
}
