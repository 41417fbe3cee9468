import CKernels
import Tensors

/// How a tensor lies in memory: four axes channels-last, `[batch, height, width, channels]`, others row-major.
///
/// Kernels see logical axes with the strides given here, so that none of them knows of the permutation.
extension Shape {
    /// The axes from the outermost in memory to the innermost.
    var physicalAxes: [Int] { rank == 4 ? [0, 2, 3, 1] : Array(0..<rank) }

    /// Distances in elements between neighbours along each logical axis.
    var physicalStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        var step = 1
        for axis in physicalAxes.reversed() {
            strides[axis] = step
            step *= self[axis]
        }
        return strides
    }

    /// Whether the elements lie in row-major order.
    var isPhysicallyRowMajor: Bool { rank != 4 || self[1] == 1 || self[2] * self[3] == 1 }

    /// Strides of a tensor of this shape that is broadcast to another: zero along repeated axes.
    func physicalStrides(broadcastTo target: Shape) -> [Int] {
        let missing = target.rank - rank
        let own = physicalStrides
        return (0..<target.rank).map { axis in
            axis < missing || self[axis - missing] == 1 ? 0 : own[axis - missing]
        }
    }

    func front(axis: Int) -> Int { axis < 0 ? axis + rank : axis }
}

extension distill_grid {
    /// An index space with logical axes in the given order, outermost first.
    ///
    /// - Parameter strides: for each operand, the result first, its strides along the logical axes.
    init(extents: [Int], order: [Int], strides: [[Int]]) {
        self = distill_grid_make(
            Int32(order.count), order.map { Int64(extents[$0]) }, Int32(strides.count),
            strides.flatMap { operand in order.map { Int64(operand[$0]) } })
    }

    /// The elements of a result of `shape`, in the result's order in memory.
    init(_ shape: Shape, strides: [[Int]]) {
        self.init(extents: shape.dimensions, order: shape.physicalAxes, strides: strides)
    }

    static let maximumRank = Int(DISTILL_MAXIMUM_RANK)
}

/// Copies between row-major and the order in memory.
enum PhysicalCopy {
    static func toRowMajor(_ shape: Shape) -> distill_grid {
        distill_grid(
            extents: shape.dimensions, order: Array(0..<shape.rank),
            strides: [shape.strides, shape.physicalStrides])
    }

    static func fromRowMajor(_ shape: Shape) -> distill_grid {
        // Few channels are no row to begin a loop for: those of images are spread while whole planes are read.
        let hasFewChannels = shape.rank == 4 && shape[1] <= 16
        return distill_grid(
            extents: shape.dimensions,
            order: hasFewChannels ? Array(0..<shape.rank) : shape.physicalAxes,
            strides: [shape.physicalStrides, shape.strides])
    }
}
