import NIOCore
import Synchronization

/// Waits for a channel to close, and stops waiting when its task is cancelled.
///
/// A future of NIO cannot be awaited with cancellation: the wait would outlive the reply.
final class ClosedSignal: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Void, any Error>)
        case over
    }

    private let state = Mutex(State.open)
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    /// Returns when the channel is closed or the task is cancelled.
    func wait() async throws {
        channel.closeFuture.whenComplete { _ in self.end() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if case .over = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end()
        }
    }

    private func end() {
        let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            defer { state = .over }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }
}
