import Dispatch
import Foundation
import Glibc
import Synchronization

/// SIGTERM and SIGINT end the daemon in order, a second one at once; SIGHUP rereads the
/// configuration.
struct SignalHandling {
    private var sources: [any DispatchSourceSignal] = []

    init(daemon: Daemon) {
        signal(SIGPIPE, SIG_IGN)
        let count = StopCount()
        for number in [SIGTERM, SIGINT] {
            handle(number) {
                // Workers end by themselves when their line closes; they resume from a checkpoint.
                if count.next() > 1 { _exit(128 + number) }
                Task { await daemon.stop() }
            }
        }
        handle(SIGHUP) { Task { await daemon.reload() } }
    }

    func cancel() { for source in sources { source.cancel() } }

    private mutating func handle(_ number: Int32, _ body: @escaping @Sendable () -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: body)
        source.resume()
        sources.append(source)
    }

    private final class StopCount: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }
}
