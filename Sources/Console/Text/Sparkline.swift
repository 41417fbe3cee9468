/// A curve in one line of text.
package enum Sparkline {
    private static let levels: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The values as `▁▂▃▄▅▆▇█` between their least and greatest.
    ///
    /// More values than cells are averaged in equal shares; values that are not finite are shown as
    /// a space; constant values as the lowest level.
    package static func text(_ values: [Double], width: Int) -> String {
        guard width > 0, !values.isEmpty else { return "" }
        let cells = min(width, values.count)
        let means = (0..<cells).map { cell -> Double? in
            let start = cell * values.count / cells
            let end = (cell + 1) * values.count / cells
            let finite = values[start..<end].filter(\.isFinite)
            return finite.isEmpty ? nil : finite.reduce(0, +) / Double(finite.count)
        }
        let known = means.compactMap(\.self)
        guard let least = known.min(), let greatest = known.max() else {
            return String(repeating: " ", count: cells)
        }
        return String(
            means.map { mean in
                guard let mean else { return " " }
                guard greatest > least else { return levels[0] }
                let height = (mean - least) / (greatest - least) * 8
                return levels[min(7, Int(height))]
            })
    }
}
