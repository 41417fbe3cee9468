/// Rows under a header, columns aligned by display width.
package struct Table: Sendable {
    package struct Column: Sendable {
        var title: String
        var alignment: Alignment
        /// Whether the column gives way, by `…`, where the terminal is too narrow.
        var shrinks: Bool

        package init(_ title: String, _ alignment: Alignment = .left, shrinks: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.shrinks = shrinks
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        precondition(!columns.isEmpty, "a table has at least one column")
        self.columns = columns
    }

    /// Adds a row; a missing cell is shown as `-`.
    package mutating func add(_ cells: [String?]) {
        precondition(cells.count == columns.count, "a row has one cell a column")
        rows.append(cells.map { $0 ?? "-" })
    }

    package var isEmpty: Bool { rows.isEmpty }

    /// The lines, header first, without spaces at their ends.
    ///
    /// - Parameters:
    ///   - width: The terminal's width; nil for as wide as needed. Columns that shrink give way
    ///     first, the widest first; then lines are cut.
    ///   - colour: Whether the header is set off.
    package func lines(width: Int? = nil, colour: Bool = false) -> [String] {
        let widths = columnWidths(within: width)
        func line(_ cells: [String], style: Style?) -> String {
            let padded = cells.indices.map { index in
                let cell = cells[index].truncated(toWidth: widths[index])
                let isLast = index == cells.count - 1 && columns[index].alignment == .left
                return isLast
                    ? cell
                    : cell.padded(toWidth: widths[index], alignment: columns[index].alignment)
            }
            var joined = padded.joined(separator: "  ")
            while joined.last == " " { joined.removeLast() }
            if let width { joined = joined.truncated(toWidth: width) }
            return style?.apply(to: joined, colour: colour) ?? joined
        }
        return [line(columns.map(\.title), style: .bold)] + rows.map { line($0, style: nil) }
    }

    /// The lines as one text with a line end after each.
    package func text(width: Int? = nil, colour: Bool = false) -> String {
        lines(width: width, colour: colour).map { $0 + "\n" }.joined()
    }

    private func columnWidths(within limit: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(columns[index].title.displayWidth) { max($0, $1[index].displayWidth) }
        }
        guard let limit else { return widths }
        let least = 6
        while widths.reduce(0, +) + 2 * (widths.count - 1) > limit {
            let candidates = columns.indices.filter { columns[$0].shrinks && widths[$0] > least }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }
}
