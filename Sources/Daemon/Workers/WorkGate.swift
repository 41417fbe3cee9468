import ControlProtocol
import Synchronization

/// Lets few requests start workers at once; the others wait their turn, and too many are sent away.
final class WorkGate: Sendable {
    private struct State {
        var free: Int
        var next = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var cancelled: Set<Int> = []
    }

    private let longest: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - width: How many may pass at once.
    ///   - longest: How many may wait.
    init(width: Int, longest: Int) {
        self.longest = longest
        state = Mutex(State(free: width))
    }

    /// Runs `body` when it is this one's turn.
    ///
    /// - Throws: `ControlError` `daemon.busy` when too many wait, and what `body` throws.
    func pass<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        let number = try state.withLock { state -> Int? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            guard state.waiting.count < longest else {
                throw ControlError(
                    "daemon.busy", "\(longest) requests wait for a worker already",
                    hint: "try again in a moment", retryable: true)
            }
            state.next += 1
            return state.next
        }
        guard let number else { return }
        let admitted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    if state.cancelled.remove(number) != nil {
                        continuation.resume(returning: false)
                    } else if state.free > 0 {
                        state.free -= 1
                        continuation.resume(returning: true)
                    } else {
                        state.waiting.append((number, continuation))
                    }
                }
            }
        } onCancel: {
            state.withLock { state in
                if let index = state.waiting.firstIndex(where: { $0.number == number }) {
                    state.waiting.remove(at: index).continuation.resume(returning: false)
                } else {
                    state.cancelled.insert(number)
                }
            }
        }
        if !admitted { throw CancellationError() }
    }

    private func leave() {
        state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
            } else {
                state.waiting.removeFirst().continuation.resume(returning: true)
            }
        }
    }
}
