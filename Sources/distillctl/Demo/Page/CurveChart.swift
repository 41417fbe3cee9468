import Console

/// A loss over the steps of a run, as SVG.
struct CurveChart {
    private let points: [DemoResult.CurvePoint]
    private let width = 300.0
    private let height = 120.0
    private let left = 40.0
    private let bottom = 18.0
    private let top = 6.0

    init(_ points: [DemoResult.CurvePoint]) {
        self.points = CurveChart.thinned(points, to: 150)
    }

    /// Means of equal shares, so that a page stays small and noise does not hide the course.
    private static func thinned(
        _ points: [DemoResult.CurvePoint], to count: Int
    ) -> [DemoResult.CurvePoint] {
        guard points.count > count else { return points }
        return (0..<count).map { cell in
            let share = points[
                (cell * points.count / count)..<((cell + 1) * points.count / count)]
            let number = Double(share.count)
            return .init(
                step: share.reduce(0) { $0 + $1.step } / number,
                loss: share.reduce(0) { $0 + $1.loss } / number)
        }
    }

    var svg: String {
        let losses = points.map(\.loss)
        guard let least = losses.min(), let greatest = losses.max(),
            let first = points.first, let last = points.last
        else { return "<p>no curve</p>" }
        let (innerWidth, innerHeight) = (width - left - 6, height - bottom - top)
        let places = points.map { point -> String in
            let x = left + (point.step - first.step) / max(1, last.step - first.step) * innerWidth
            let y = top + (greatest - point.loss) / max(1e-9, greatest - least) * innerHeight
            return "\(HumanUnits.decimal(x, places: 1)),\(HumanUnits.decimal(y, places: 1))"
        }
        let floor = height - bottom
        return """
            <svg viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-label="loss by step">
            <path class="axis" d="M\(left) \(top)V\(floor)H\(width - 6)"/>
            <polyline points="\(places.joined(separator: " "))"/>
            <text x="\(left - 4)" y="\(top + 8)" text-anchor="end">\(label(greatest))</text>
            <text x="\(left - 4)" y="\(floor)" text-anchor="end">\(label(least))</text>
            <text x="\(left)" y="\(height - 4)">step \(Int(first.step))</text>
            <text x="\(width - 6)" y="\(height - 4)" text-anchor="end">\(Int(last.step))</text>
            </svg>
            """
    }

    private func label(_ loss: Double) -> String { HumanUnits.decimal(loss, places: 2) }
}
