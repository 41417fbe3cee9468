import Console
import Synchronization
import Synthesis

/// The progress of rendering; called from several threads.
final class SynthesisDisplay: Sendable {
    private struct State {
        var region = LiveRegion()
        var estimate = ProgressEstimate()
        var drawn: ContinuousClock.Instant?
    }

    private let title: String
    private let terminal: Terminal
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(title: String, terminal: Terminal) {
        self.title = title
        self.terminal = terminal
    }

    func show(_ progress: SynthesisProgress) {
        guard terminal.isInteractive else { return }
        state.withLock { state in
            let now = ContinuousClock.now
            if let drawn = state.drawn, now - drawn < .milliseconds(100) { return }
            state.drawn = now
            state.estimate.update(done: Double(progress.done), time: (now - start).seconds)
            let size = terminal.size
            let bar = ProgressBar(
                title: title, fraction: Double(progress.done) / Double(max(1, progress.total)),
                details: ProgressBar.details(
                    state.estimate, total: Double(progress.total), unit: "pairs"))
            let line = bar.line(width: size.columns - 1, colour: terminal.colour)
            terminal.write(state.region.frame([line], size: size))
        }
    }

    /// Clears the bar.
    func end() {
        guard terminal.isInteractive else { return }
        state.withLock { terminal.write($0.region.frame([], size: terminal.size)) }
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
