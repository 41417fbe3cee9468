/// Lines at the end of a terminal that are drawn again in place.
///
/// Each frame is one string: it goes up over the lines of the last frame, overwrites each and clears
/// only what is left over, so nothing flickers. Lines are cut to the terminal's width, for a line
/// that wraps would break the count of lines to go up.
package struct LiveRegion: Sendable, Equatable {
    /// How many lines the last frame left above the cursor.
    private var drawnLines = 0

    package init() {}

    private static let clearToEndOfLine = "\u{1B}[K"
    private static let clearBelow = "\u{1B}[J"

    /// What to write for the next frame.
    ///
    /// - Parameter size: The terminal's size now. Lines that do not fit its height are left out at
    ///   the top.
    package mutating func frame(_ lines: [String], size: TerminalSize) -> String {
        // The last line of the screen stays free for the cursor.
        let shown = lines.suffix(max(1, size.rows - 1))
        var output = rewind(rows: size.rows)
        for line in shown {
            // One cell stays free: some terminals wrap when the last one is filled.
            output += line.truncated(toWidth: max(1, size.columns - 1))
            output += Self.clearToEndOfLine + "\n"
        }
        output += Self.clearBelow
        drawnLines = shown.count
        return output
    }

    /// What to write for lines that stay: they go above the region, which must be drawn again.
    package mutating func permanent(_ lines: [String], size: TerminalSize) -> String {
        var output = rewind(rows: size.rows) + Self.clearBelow
        for line in lines { output += line + "\n" }
        drawnLines = 0
        return output
    }

    private func rewind(rows: Int) -> String {
        let up = min(drawnLines, max(0, rows - 1))
        return up > 0 ? "\r\u{1B}[\(up)A" : "\r"
    }
}

/// A terminal's size in characters.
package struct TerminalSize: Sendable, Equatable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}
