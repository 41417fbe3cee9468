/// Shows changing lines: redrawn in place on a terminal; elsewhere as plain lines, each once.
package final class LiveDisplay {
    private let terminal: Terminal
    private var region = LiveRegion()
    private var lastPlain: String?

    package init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    /// Shows the current state.
    ///
    /// - Parameters:
    ///   - lines: What a terminal shows.
    ///   - plain: The line for a pipe or a file; nil or a repeated one writes nothing.
    package func show(_ lines: [String], plain: String?) {
        if terminal.isInteractive {
            terminal.write(region.frame(lines, size: terminal.size))
        } else if let plain, plain != lastPlain {
            lastPlain = plain
            terminal.write(plain + "\n")
        }
    }

    /// Writes lines that stay.
    package func log(_ lines: [String]) {
        if terminal.isInteractive {
            terminal.write(region.permanent(lines, size: terminal.size))
        } else {
            terminal.write(lines.map { $0 + "\n" }.joined())
        }
    }
}
