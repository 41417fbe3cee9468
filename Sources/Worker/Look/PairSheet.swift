import Foundation

/// Pairs below one another, each as a row of panels with its figures, as one picture.
struct PairSheet {
    /// A row of the sheet.
    struct Row {
        var key: String
        var panels: [Panel]
        /// Two panels laid over one another: places in `panels`.
        var overlay: (below: Int, above: Int)?
        /// The student's values that are readings, and the ends of their colours.
        var readings: [Float]
        var range: ClosedRange<Float>
        var unit: String
    }

    static let panelHeight = 160
    private static let gap = 8, caption = 16

    let rows: [Row]

    /// The sheet as a picture.
    func drawn() -> Canvas {
        let gap = Self.gap
        let line = Self.caption * 2 + Self.panelHeight + 2 * gap
        let canvasWidth = rows.map(width).max() ?? 1
        var canvas = Canvas(width: canvasWidth + gap, height: max(1, rows.count * line + gap))
        for (number, row) in rows.enumerated() { draw(row, at: gap + number * line, on: &canvas) }
        return canvas
    }

    private func width(_ row: Row) -> Int {
        let panels = row.panels.map { $0.width(at: Self.panelHeight) + Self.gap }
        let overlay = row.overlay.map { panels[$0.below] } ?? 0
        return Self.gap + panels.reduce(0, +) + overlay + 2 * (Self.panelHeight + Self.gap)
    }

    private func draw(_ row: Row, at top: Int, on canvas: inout Canvas) {
        let height = Self.panelHeight
        var x = Self.gap
        canvas.write(row.key, x: x, y: top, .ink)
        let y = top + 2 * Self.caption
        func title(_ text: String) { canvas.write(text, x: x, y: top + Self.caption, .faint) }
        for panel in row.panels {
            let width = panel.width(at: height)
            title(panel.title)
            panel.draw(on: &canvas, x: x, y: y, width: width, height: height)
            x += width + Self.gap
        }
        if let overlay = row.overlay {
            let (below, above) = (row.panels[overlay.below], row.panels[overlay.above])
            let width = below.width(at: height)
            title("overlay")
            for line in 0..<height {
                for column in 0..<width {
                    let (across, down) = (
                        (Float(column) + 0.5) / Float(width), (Float(line) + 0.5) / Float(height)
                    )
                    let ground = below.colour(across, down, x: column, y: line)
                    let colour = above.colour(across, down, x: column, y: line)
                    canvas.set(x + column, y + line, ground.mixed(colour, 0.5))
                }
            }
            x += width + Self.gap
        }
        title("scale \(row.unit)")
        drawScale(row, x: x, y: y, on: &canvas)
        x += height + Self.gap
        title("histogram")
        drawHistogram(row, x: x, y: y, on: &canvas)
    }

    /// A bar of the colours with the numbers that they mean.
    private func drawScale(_ row: Row, x: Int, y: Int, on canvas: inout Canvas) {
        let height = Self.panelHeight
        for line in 0..<height {
            let share = 1 - Float(line) / Float(height - 1)
            canvas.fill(x: x, y: y + line, width: 24, height: 1, ColourMap.colour(share))
        }
        for step in 0...4 {
            let share = Float(step) / 4
            let value = row.range.lowerBound + share * (row.range.upperBound - row.range.lowerBound)
            let place = y + Int((1 - share) * Float(height - 10))
            canvas.write(String(format: "%.2f", value), x: x + 32, y: place)
        }
        for line in 0..<12 {
            for column in 0..<24 {
                canvas.set(x + 80 + column, y + line, ColourMap.hole(x: column, y: line))
            }
        }
        canvas.write("none", x: x + 110, y: y, .faint)
    }

    /// How often each value is met, from the lowest to the highest colour.
    private func drawHistogram(_ row: Row, x: Int, y: Int, on canvas: inout Canvas) {
        let (size, bins) = (Self.panelHeight, 40)
        var counts = [Int](repeating: 0, count: bins)
        let extent = max(1e-9, row.range.upperBound - row.range.lowerBound)
        for value in row.readings {
            let share = (value - row.range.lowerBound) / extent
            counts[Int(max(0, min(Float(bins - 1), share * Float(bins))))] += 1
        }
        let most = max(1, counts.max() ?? 1)
        for (bin, count) in counts.enumerated() {
            let bar = (size - 14) * count / most
            canvas.fill(
                x: x + bin * size / bins, y: y + size - 14 - bar, width: size / bins, height: bar,
                ColourMap.colour((Float(bin) + 0.5) / Float(bins)))
        }
        canvas.write(String(format: "%.2f", row.range.lowerBound), x: x, y: y + size - 10)
        let high = String(format: "%.2f", row.range.upperBound)
        canvas.write(high, x: x + size - 8 * high.count, y: y + size - 10)
    }
}
