package import ControlProtocol
import Foundation

/// The daemon's events in order, without a loss: after a broken connection it resumes behind the
/// last one.
package struct EventStream: AsyncSequence, Sendable {
    package typealias Element = ControlEvent

    let client: ControlClient
    let request: ReadEvents
    /// How long a daemon that was reached once may stay away before the stream fails.
    let patience: Duration

    package func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    package final class Iterator: AsyncIteratorProtocol {
        private let handoff = Handoff<ControlEvent>()
        private let reader: Task<Void, Never>

        init(_ stream: EventStream) {
            let handoff = handoff
            reader = Task {
                do {
                    try await EventReader(stream: stream, handoff: handoff).run()
                    handoff.end(.success(()))
                } catch {
                    handoff.end(.failure(error))
                }
            }
        }

        deinit {
            reader.cancel()
            handoff.end(.success(()))
        }

        package func next() async throws -> ControlEvent? {
            try await handoff.take()
        }
    }
}

extension ControlClient {
    /// Events behind `after` (nil: all that are kept), then, with `follow`, those that happen.
    ///
    /// Heartbeats are left out. `patience` is how long a restart of the daemon may take.
    package func events(
        after: Int64? = nil, types: [String] = [], follow: Bool = true,
        patience: Duration = .seconds(60)
    ) -> EventStream {
        EventStream(
            client: self, request: ReadEvents(after: after, types: types, follow: follow),
            patience: patience)
    }
}

/// Reads, and connects again while the daemon restarts.
private struct EventReader {
    let stream: EventStream
    let handoff: Handoff<ControlEvent>

    func run() async throws {
        let position = EventPosition(stream.request.after)
        var reached = false
        var wait = Duration.milliseconds(200)
        var lostAt: ContinuousClock.Instant?
        while true {
            let request = ReadEvents(
                after: position.value, types: stream.request.types, follow: stream.request.follow)
            do {
                try await stream.client.lines(request) { line in
                    guard !line.isEmpty else { return }
                    let event = try ControlJSON.decode(ControlEvent.self, from: Data(line.utf8))
                    position.advance(event.sequence)
                    guard event.type != "heartbeat" else { return }
                    await handoff.give(event)
                }
                if !stream.request.follow { return }
                (reached, lostAt, wait) = (true, nil, .milliseconds(200))
            } catch let error as ControlError where error.code == "daemon.unreachable" {
                if position.hasMoved { reached = true }
                guard reached else { throw error }
                let now = ContinuousClock.now
                let since = lostAt ?? now
                if position.takeMoved() { lostAt = now } else { lostAt = since }
                if now - since > stream.patience { throw error }
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 2, .seconds(5))
        }
    }
}
