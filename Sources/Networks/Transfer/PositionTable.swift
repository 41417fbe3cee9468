package import Tensors

/// The learned positions of a transformer's patches, for another number of patches.
package enum PositionTable {
    /// A table for another grid: class and other leading tokens as they are, the patches' positions interpolated
    /// linearly along rows and columns between cell centres.
    ///
    /// `p'[i, j] = sum_ab w_a(i) w_b(j) p[a, b]`, with `a` and `b` the neighbours of `(i + 1/2) n / n' - 1/2`, limited to
    /// the grid.
    /// - Parameter leading: tokens before those of the patches.
    /// - Shapes: `[1, leading + n n, channels]` to `[1, leading + n' n', channels]`.
    /// - Returns: nil for tables of other forms.
    package static func resampled(
        _ table: Tensor<Float>, to shape: Shape, leading: Int = 1
    ) -> Tensor<Float>? {
        guard table.shape.rank == 3, shape.rank == 3, table.shape[0] == 1, shape[0] == 1,
            table.shape[2] == shape[2], let old = side(table.shape[1] - leading),
            let new = side(shape[1] - leading)
        else { return nil }
        let width = shape[2]
        let neighbours = (0..<new).map { position -> (low: Int, high: Int, share: Float) in
            let centre = (Float(position) + 0.5) * Float(old) / Float(new) - 0.5
            let limited = min(max(centre, 0), Float(old - 1))
            let low = Int(limited)
            return (low, min(low + 1, old - 1), limited - Float(low))
        }
        var values = Array(table.values.prefix(leading * width))
        values.reserveCapacity(shape.count)
        for row in neighbours {
            for column in neighbours {
                for channel in 0..<width {
                    func at(_ row: Int, _ column: Int) -> Float {
                        table.values[(leading + row * old + column) * width + channel]
                    }
                    let top =
                        at(row.low, column.low) * (1 - column.share)
                        + at(row.low, column.high) * column.share
                    let bottom =
                        at(row.high, column.low) * (1 - column.share)
                        + at(row.high, column.high) * column.share
                    values.append(top * (1 - row.share) + bottom * row.share)
                }
            }
        }
        return Tensor(shape: shape, values: values)
    }

    /// The side of a square of `count` cells.
    private static func side(_ count: Int) -> Int? {
        guard count > 0 else { return nil }
        let side = Int(Double(count).squareRoot().rounded())
        return side * side == count ? side : nil
    }
}
