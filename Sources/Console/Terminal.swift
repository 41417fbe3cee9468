import Foundation
import Synchronization

/// Where text goes: a terminal, a pipe or a file.
package struct Terminal: Sendable {
    private let descriptor: Int32
    /// Whether lines can be drawn again in place.
    package let isInteractive: Bool
    /// Whether text may be coloured.
    package let colour: Bool

    package static let output = Terminal(descriptor: STDOUT_FILENO)
    package static let error = Terminal(descriptor: STDERR_FILENO)

    package init(descriptor: Int32) {
        let capabilities = TerminalCapabilities(
            isTerminal: isatty(descriptor) == 1,
            environment: ProcessInfo.processInfo.environment)
        self.descriptor = descriptor
        isInteractive = capabilities.isInteractive
        colour = capabilities.colour
    }

    /// The size now; 80 x 24 where it is unknown.
    package var size: TerminalSize {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
            return TerminalSize(columns: 80, rows: 24)
        }
        return TerminalSize(columns: Int(window.ws_col), rows: max(1, Int(window.ws_row)))
    }

    /// The width that tables keep to: the terminal's, or none for a pipe or a file.
    package var tableWidth: Int? { isInteractive ? size.columns : nil }

    /// Writes all of a text at once.
    ///
    /// Where the reader of the output has gone the program ends without a word, as others in a pipe do; where the output
    /// cannot be written otherwise it ends with an error, as nobody would see the rest.
    package func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                let count = Foundation.write(descriptor, base + start, bytes.count - start)
                if count < 0 && errno == EINTR { continue }
                if count < 0 && errno == EAGAIN {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, -1)
                    continue
                }
                guard count > 0 else {
                    if descriptor == STDOUT_FILENO { Terminal.endWithoutOutput(errno) }
                    return
                }
                start += count
            }
        }
    }

    private static let ending = Mutex<(@Sendable () -> Void)?>(nil)

    /// What is to be done before the program ends for want of an output; nil: nothing.
    package static func whenOutputEnds(_ action: (@Sendable () -> Void)?) {
        ending.withLock { $0 = action }
    }

    private static func endWithoutOutput(_ number: Int32) -> Never {
        ending.withLock { $0 }?()
        guard number != EPIPE else { _exit(128 + SIGPIPE) }
        Terminal.error.write(
            "distillctl: the output cannot be written: \(String(cString: strerror(number)))\n")
        _exit(1)
    }

    /// Text in a style where colour is on.
    package func styled(_ text: String, _ style: Style?) -> String {
        style?.apply(to: text, colour: colour) ?? text
    }
}

/// What a terminal can show, from the environment.
package struct TerminalCapabilities: Sendable, Equatable {
    package let isInteractive: Bool
    package let colour: Bool

    /// - Parameter environment: `TERM=dumb` means no escape sequences; a `NO_COLOR` that is not
    ///   empty means no colour (see no-color.org).
    package init(isTerminal: Bool, environment: [String: String]) {
        isInteractive = isTerminal && environment["TERM"] != "dumb"
        colour = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }
}
