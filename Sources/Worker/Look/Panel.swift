/// One picture of a sheet: planar values with how to colour them.
struct Panel {
    let title: String
    let channels: Int, height: Int, width: Int
    /// `[channels, height, width]`.
    let values: [Float]
    /// The values at the ends of the colours.
    let range: ClosedRange<Float>
    /// Whether 0 means that there is no reading.
    let hasHoles: Bool

    /// The colour at a place, given in shares of the panel's sides.
    func colour(_ across: Float, _ down: Float, x: Int, y: Int) -> Colour {
        let column = min(width - 1, Int(across * Float(width)))
        let row = min(height - 1, Int(down * Float(height)))
        func value(_ channel: Int) -> Float { values[(channel * height + row) * width + column] }
        func share(_ value: Float) -> Float {
            (value - range.lowerBound) / max(1e-9, range.upperBound - range.lowerBound)
        }
        guard channels == 1 else {
            return Colour(share(value(0)), share(value(1)), share(value(min(2, channels - 1))))
        }
        if hasHoles, value(0) == 0 { return ColourMap.hole(x: x, y: y) }
        return ColourMap.colour(share(value(0)))
    }

    /// Draws the panel into a rectangle, nearest pixels.
    func draw(on canvas: inout Canvas, x: Int, y: Int, width: Int, height: Int) {
        for row in 0..<height {
            for column in 0..<width {
                let colour = colour(
                    (Float(column) + 0.5) / Float(width), (Float(row) + 0.5) / Float(height),
                    x: column, y: row)
                canvas.set(x + column, y + row, colour)
            }
        }
    }

    /// The width at a given height that keeps the picture's proportions.
    func width(at height: Int) -> Int {
        min(8 * height, max(16, height * width / max(1, self.height)))
    }
}
