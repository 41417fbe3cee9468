/// Cuts a rectangle out of a plane and resizes it, once with weights that many planes share.
///
/// Rows are combined before columns, so that the long loops run along contiguous memory.
package struct Resampler {
    private let rows: AxisWeights, columns: AxisWeights
    private let sourceWidth: Int, outputHeight: Int, outputWidth: Int
    private let flip: Bool

    /// Plans the way from a rectangle in source pixels to the output.
    ///
    /// - Throws: `view.geometry` where the rectangle is empty or leaves the picture.
    package init(
        sourceHeight: Int, sourceWidth: Int, x: Double, y: Double, width: Double, height: Double,
        outputHeight: Int, outputWidth: Int, flip: Bool = false
    ) throws {
        let slack = 1e-6 * Double(max(sourceWidth, sourceHeight))
        guard width > 0, height > 0, x >= -slack, y >= -slack,
            x + width <= Double(sourceWidth) + slack, y + height <= Double(sourceHeight) + slack,
            outputHeight > 0, outputWidth > 0
        else {
            throw PluginFailure(
                "view.geometry",
                "the view x \(x), y \(y), width \(width), height \(height) does not lie in a "
                    + "picture of \(sourceWidth) x \(sourceHeight) pixels")
        }
        rows = AxisWeights(
            sourceCount: sourceHeight, start: y, length: height, outputCount: outputHeight)
        columns = AxisWeights(
            sourceCount: sourceWidth, start: x, length: width, outputCount: outputWidth)
        self.sourceWidth = sourceWidth
        self.outputHeight = outputHeight
        self.outputWidth = outputWidth
        self.flip = flip
    }

    /// Plans to resize a whole picture.
    package init(
        sourceHeight: Int, sourceWidth: Int, outputHeight: Int, outputWidth: Int
    ) throws {
        try self.init(
            sourceHeight: sourceHeight, sourceWidth: sourceWidth, x: 0, y: 0,
            width: Double(sourceWidth), height: Double(sourceHeight), outputHeight: outputHeight,
            outputWidth: outputWidth)
    }

    /// Resizes one plane: every output value is the weighted mean of source values.
    ///
    /// - Shapes: `source` is `[sourceHeight, sourceWidth]`, `output` `[outputHeight, outputWidth]`.
    package func resize(_ source: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
        let span = columns.sources.count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: span) { line in
            guard let line = line.baseAddress else { return }
            for row in 0..<outputHeight {
                line.update(repeating: 0, count: span)
                for tap in 0..<rows.count[row] {
                    let weight = rows.weights[row * rows.stride + tap]
                    let from = sourceRow(source, rows.first[row] + tap)
                    for column in 0..<span { line[column] += weight * from[column] }
                }
                let target = output + row * outputWidth
                for column in 0..<outputWidth {
                    target[place(column)] = combine(line, at: column)
                }
            }
        }
    }

    /// Resizes one plane in which 0 means invalid: resize(d m) / resize(m) with the mask m = d > 0.
    ///
    /// Invalid pixels never pull a value towards 0; where they hold more than half of the weight
    /// the result is invalid too.
    /// - Shapes: as in `resize`.
    package func resizeMasked(
        _ source: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>
    ) {
        let span = columns.sources.count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * span) { lines in
            guard let line = lines.baseAddress else { return }
            let mask = line + span
            for row in 0..<outputHeight {
                line.update(repeating: 0, count: 2 * span)
                for tap in 0..<rows.count[row] {
                    let weight = rows.weights[row * rows.stride + tap]
                    let from = sourceRow(source, rows.first[row] + tap)
                    for column in 0..<span {
                        let value = from[column]
                        // The comparison is false for what is not a number.
                        line[column] += value > 0 ? weight * value : 0
                        mask[column] += value > 0 ? weight : 0
                    }
                }
                let target = output + row * outputWidth
                for column in 0..<outputWidth {
                    let covered = combine(mask, at: column)
                    target[place(column)] =
                        covered >= 0.5 ? combine(line, at: column) / covered : 0
                }
            }
        }
    }

    private func sourceRow(_ source: UnsafePointer<Float>, _ row: Int) -> UnsafePointer<Float> {
        source + (rows.sources.lowerBound + row) * sourceWidth + columns.sources.lowerBound
    }

    private func place(_ column: Int) -> Int { flip ? outputWidth - 1 - column : column }

    @inline(__always)
    private func combine(_ line: UnsafeMutablePointer<Float>, at column: Int) -> Float {
        let first = columns.first[column]
        let base = column * columns.stride
        var sum: Float = 0
        for tap in 0..<columns.count[column] {
            sum += line[first + tap] * columns.weights[base + tap]
        }
        return sum
    }
}
