import Console
import Synchronization

/// The progress of sending or receiving a file.
final class TransferDisplay: Sendable {
    private struct State {
        var region = LiveRegion()
        var estimate = ProgressEstimate()
        var drawn: ContinuousClock.Instant?
        var isShown = false
    }

    private let title: String
    private let terminal: Terminal
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(title: String, terminal: Terminal) {
        self.title = title
        self.terminal = terminal
    }

    /// - Parameter after: What goes on when all bytes are there.
    func show(_ done: Int64, _ total: Int64?, after: String = "") {
        guard terminal.isInteractive else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            let isLast = done == total
            if !isLast, let drawn = state.drawn, now - drawn < .milliseconds(100) { return }
            state.drawn = now
            state.estimate.update(done: Double(done), time: (now - start).seconds)
            var details = ["\(HumanUnits.bytes(Int(done)))"]
            if let rate = state.estimate.rate {
                details.append("\(HumanUnits.bytes(Int(rate)))/s")
            }
            let bar = ProgressBar(
                title: isLast && !after.isEmpty ? after : title,
                fraction: total.map { Double(done) / Double(max(1, $0)) }, details: details)
            let size = terminal.size
            let line = bar.line(width: size.columns - 1, colour: terminal.colour)
            terminal.write(state.region.frame([line], size: size))
            state.isShown = true
        }
    }

    /// Clears the bar.
    func end() {
        state.withLock { state in
            guard state.isShown else { return }
            terminal.write(state.region.frame([], size: terminal.size))
            state.isShown = false
        }
    }
}
