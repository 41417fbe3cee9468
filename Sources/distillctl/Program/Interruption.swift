import Console
import Dispatch
import Foundation

/// What Ctrl-C does while a command waits.
///
/// The handler runs on a queue of its own, so it may do what a signal handler may not.
final class Interruption {
    private var sources: [any DispatchSourceSignal] = []

    /// From now on SIGINT and SIGTERM run `action` once and end the process with 128 plus the signal; an output that
    /// nobody reads any more runs it as well.
    init(_ action: @escaping @Sendable () -> Void) {
        Terminal.whenOutputEnds(action)
        let queue = DispatchQueue(label: "interruption")
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                action()
                _exit(128 + number)
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Says on standard error that jobs go on without their spectator.
    static func leaving(_ jobs: String) -> Interruption {
        Interruption {
            Terminal.error.write(
                "\n\(jobs); `distillctl watch` shows it again, `distillctl cancel` ends it\n")
        }
    }

    /// Ctrl-C ends the process silently again.
    func end() {
        Terminal.whenOutputEnds(nil)
        for source in sources { source.cancel() }
        sources = []
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }

    deinit { end() }
}
