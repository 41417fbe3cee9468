import Console

/// Names and values under each other, the values aligned.
struct Fields {
    private var rows: [(name: String, value: String)] = []

    /// Adds a line; nil and empty values are left out.
    mutating func add(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { rows.append((name, value)) }
    }

    /// The lines, further lines of a value indented below its first.
    func lines(_ terminal: Terminal) -> [String] {
        let width = rows.map { $0.name.displayWidth }.max() ?? 0
        return rows.flatMap { row in
            let parts = row.value.split(separator: "\n", omittingEmptySubsequences: false)
            return parts.enumerated().map { index, part in
                let name = (index == 0 ? row.name : "").padded(toWidth: width)
                return "\(terminal.styled(name, .dim))  \(part)"
            }
        }
    }
}

extension Terminal {
    /// A state's name in its colour.
    func state(_ name: String) -> String { styled(name, Style.state(name)) }

    /// A heading above a block, with an empty line before it.
    func heading(_ text: String) -> [String] { ["", styled(text, .bold)] }

    /// A table's lines, or a sentence where it has no rows.
    func lines(_ table: Table, empty: String) -> [String] {
        table.isEmpty
            ? [styled(empty, .dim)] : table.lines(width: tableWidth, colour: colour)
    }
}
