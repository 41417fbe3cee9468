import Graphs
import Tensors

extension Shape {
    /// Visits every index in row-major order.
    func forEachIndex(_ body: (_ offset: Int, _ index: [Int]) throws -> Void) rethrows {
        let total = count
        guard total > 0 else { return }
        var index = [Int](repeating: 0, count: rank)
        for offset in 0..<total {
            try body(offset, index)
            for axis in stride(from: rank - 1, through: 0, by: -1) {
                index[axis] += 1
                if index[axis] < dimensions[axis] { break }
                index[axis] = 0
            }
        }
    }

    /// Elements before, along and after an axis.
    func split(at axis: Int) -> (outer: Int, length: Int, inner: Int) {
        let outer = dimensions[..<axis].reduce(1, *)
        let inner = dimensions[(axis + 1)...].reduce(1, *)
        return (outer, dimensions[axis], inner)
    }
}

/// Turns a number that stands for a position into a position.
///
/// - Throws: `GraphError.shape` for a position outside of `0..<count` (`-count..<count` if wrapping).
func position(_ number: Double, in count: Int) throws -> Int {
    guard let whole = Int(exactly: number), whole >= -count, whole < count else {
        throw GraphError(.shape, "index \(number) does not exist among \(count)")
    }
    return whole < 0 ? whole + count : whole
}
