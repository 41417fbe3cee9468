/// A depth picture's stored numbers on a coarse grid, about 128 rows; 0 where there is no reading.
struct DepthGrid {
    let rows: Int, columns: Int
    let values: [Float]
    /// Whether numbers are whole, so that small bends vanish in rounding.
    let isWhole: Bool

    /// Takes every n-th number of a picture; `reading` says which numbers are readings.
    init(
        width: Int, height: Int, isWhole: Bool, stored: (Int) -> Double,
        reading: (Double) -> Bool
    ) {
        self.isWhole = isWhole
        let stride = max(1, height / 128)
        (rows, columns) = (height / stride, width / stride)
        var values: [Float] = []
        values.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns {
                let number = stored(row * stride * width + column * stride)
                values.append(reading(number) ? Float(number) : 0)
            }
        }
        self.values = values
    }

    /// Pearson's correlation of row and value; nil with too little to tell.
    ///
    /// Floors and roads lie at the lower edge and are nearer than what is above them: distances fall downwards,
    /// disparities grow.
    var trend: Double? {
        var (n, sumX, sumY, sumXX, sumYY, sumXY) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for row in 0..<rows {
            for column in 0..<columns where values[row * columns + column] > 0 {
                let (x, y) = (Double(row), Double(values[row * columns + column]))
                n += 1
                sumX += x
                sumY += y
                sumXX += x * x
                sumYY += y * y
                sumXY += x * y
            }
        }
        let (varianceX, varianceY) = (n * sumXX - sumX * sumX, n * sumYY - sumY * sumY)
        guard n >= 100, varianceX > 0, varianceY > 1e-9 * n * sumYY else { return nil }
        return (n * sumXY - sumX * sumY) / (varianceX * varianceY).squareRoot()
    }

    /// How slanted planes run in the stored numbers, one figure for each place where that can be told.
    ///
    /// The reciprocal of the distance along the optical axis is linear in a picture's coordinates on every plane.
    /// Between a and c, equally far from b, distances therefore meet b = 2 a c / (a + c); disparities, inverse depth
    /// and everything linear in them meet b = (a + c) / 2. The figure is (mean - b) / (mean - harmonic mean): 1 for
    /// distances, 0 for disparities, whatever the unit.
    ///
    /// Empty where the numbers between two ends lie anywhere and not near their middle, as noise does: there are no planes.
    var planeFigures: [Float] {
        var figures: [Float] = []
        var (monotone, kept) = (0, 0)
        let reach = max(2, rows / 24)
        func look(_ a: Float, _ b: Float, _ c: Float) {
            guard a > 0, b > 0, c > 0 else { return }
            let mean = (a + c) / 2
            let slant = abs(a - c) / mean
            // Steep enough to tell, and neither an edge nor a bend.
            guard slant > 0.06, slant < 0.5, (b - a) * (c - b) > 0 else { return }
            monotone += 1
            guard abs(b - mean) < 0.25 * slant * mean else { return }
            kept += 1
            let bend = mean - 2 * a * c / (a + c)
            guard !isWhole || bend >= 2 else { return }
            figures.append((mean - b) / bend)
        }
        for row in 0..<rows {
            for column in 0..<columns {
                let here = row * columns + column
                if column + 2 * reach < columns {
                    look(values[here], values[here + reach], values[here + 2 * reach])
                }
                if row + 2 * reach < rows {
                    look(
                        values[here], values[here + reach * columns],
                        values[here + 2 * reach * columns])
                }
            }
        }
        // Noise keeps half of them.
        return 3 * kept > 2 * monotone ? figures : []
    }
}
