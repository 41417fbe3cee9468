import Tensors

/// Counts elements of shapes that a file claims, without ever overflowing.
enum CheckedExtents {
    /// No tensor of any file may claim more elements.
    static let limit = 1 << 32

    /// The product of extents.
    ///
    /// - Throws: `InterchangeError.malformed` for a negative extent, `.tooLarge` for too many elements.
    static func count(_ dimensions: [Int], node: String = "") throws -> Int {
        guard dimensions.count <= 16 else {
            throw InterchangeError(.tooLarge, node: node, "\(dimensions.count) axes; at most 16")
        }
        var product = 1
        var largest = 1
        for extent in dimensions {
            guard extent >= 0 else {
                throw InterchangeError(.malformed, node: node, "negative extent in \(dimensions)")
            }
            let (next, overflow) = product.multipliedReportingOverflow(by: extent)
            // Extents beside a zero count too, so that strides never overflow either.
            let (bound, far) = largest.multipliedReportingOverflow(by: max(extent, 1))
            guard !overflow, !far, bound <= limit else {
                throw InterchangeError(
                    .tooLarge, node: node, "shape \(dimensions) has more than \(limit) elements")
            }
            product = next
            largest = bound
        }
        return product
    }

    static func shape(_ dimensions: [Int64], node: String = "") throws -> Shape {
        let extents = dimensions.map { Int($0) }
        _ = try count(extents, node: node)
        return Shape(extents)
    }
}
