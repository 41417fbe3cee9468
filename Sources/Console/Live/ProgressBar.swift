/// One line that shows how far something is.
package struct ProgressBar: Sendable {
    /// What is going on, such as `epoch 3/10`.
    package var title: String
    /// 0 to 1; nil where the end is unknown.
    package var fraction: Double?
    /// What stands behind the bar, most important first, such as a rate, a loss, the time left;
    /// what does not fit is left out.
    package var details: [String]

    package init(title: String, fraction: Double?, details: [String] = []) {
        self.title = title
        self.fraction = fraction
        self.details = details
    }

    /// The details of a rate and the time left.
    package static func details(
        _ estimate: ProgressEstimate, total: Double, unit: String
    ) -> [String] {
        var details: [String] = []
        if let remaining = estimate.remaining(total: total) {
            details.append("ETA \(HumanUnits.duration(seconds: remaining))")
        }
        if let rate = estimate.rate { details.append(HumanUnits.rate(rate, of: unit)) }
        return details
    }

    /// The line, never wider than `width`: `title ━━━━━━────  62 %  ETA 3 min 05 s  171 samples/s`.
    ///
    /// Where the terminal is narrow the bar shrinks to ten cells, then details go from the last
    /// on, then the bar, then the title is cut.
    package func line(width: Int, colour: Bool = false) -> String {
        let share = fraction.map { max(0, min(1, $0.isFinite ? $0 : 0)) }
        // Rounded down: 100 % is shown when all is done.
        let percent = share.map { "\(Int($0 * 100)) %".padded(toWidth: 5, alignment: .right) }
        let head = title.isEmpty ? [] : [title]
        for kept in stride(from: details.count, through: 0, by: -1) {
            let tail = [percent].compactMap(\.self) + details.prefix(kept)
            let fixed = (head + tail).joined(separator: "  ")
            let room = width - fixed.displayWidth - (fixed.isEmpty ? 0 : 2)
            guard room >= 10 else { continue }
            let bar = Self.bar(share, cells: min(40, room), colour: colour)
            return (head + [bar] + tail).joined(separator: "  ")
        }
        return (head + [percent].compactMap(\.self)).joined(separator: " ")
            .truncated(toWidth: width)
    }

    private static func bar(_ share: Double?, cells: Int, colour: Bool) -> String {
        guard let share else {
            return Style.dim.apply(to: String(repeating: "─", count: cells), colour: colour)
        }
        let full = Int((share * Double(cells)).rounded(.down))
        let done = String(repeating: "━", count: full)
        let open = String(repeating: "─", count: cells - full)
        return Style.green.apply(to: done, colour: colour)
            + Style.dim.apply(to: open, colour: colour)
    }
}
