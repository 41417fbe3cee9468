import Synchronization

/// Passes values from one task to another, one at a time: the giver waits until the value is taken.
final class Handoff<Element: Sendable>: Sendable {
    private struct State {
        var element: Element?
        var giver: CheckedContinuation<Void, Never>?
        var taker: CheckedContinuation<Element?, any Error>?
        var ended: Result<Void, any Error>?
    }

    private let state = Mutex(State())

    /// Waits until the element is taken; returns at once after the end.
    func give(_ element: Element) async {
        await withCheckedContinuation { continuation in
            let taker = state.withLock { state -> CheckedContinuation<Element?, any Error>? in
                if state.ended != nil {
                    continuation.resume()
                    return nil
                }
                if let taker = state.taker {
                    state.taker = nil
                    continuation.resume()
                    return taker
                }
                state.element = element
                state.giver = continuation
                return nil
            }
            taker?.resume(returning: element)
        }
    }

    /// The next element, nil after the end.
    func take() async throws -> Element? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    if let element = state.element {
                        state.element = nil
                        state.giver?.resume()
                        state.giver = nil
                        continuation.resume(returning: element)
                    } else if let ended = state.ended {
                        continuation.resume(with: ended.map { nil })
                    } else {
                        state.taker = continuation
                    }
                }
            }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    /// Nothing comes after this; both sides stop waiting.
    func end(_ result: Result<Void, any Error>) {
        state.withLock { state in
            guard state.ended == nil else { return }
            state.ended = result
            state.giver?.resume()
            state.giver = nil
            state.taker?.resume(with: result.map { nil })
            state.taker = nil
        }
    }
}
