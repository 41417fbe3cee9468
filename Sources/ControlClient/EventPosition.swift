import Synchronization

/// The last event number seen, shared between the connection that reads and the loop that
/// reconnects.
final class EventPosition: Sendable {
    private struct State {
        var value: Int64?
        var lines = 0
        var linesTaken = 0
    }

    private let state: Mutex<State>

    init(_ value: Int64?) {
        state = Mutex(State(value: value))
    }

    var value: Int64? { state.withLock { $0.value } }

    /// Whether any line ever came.
    var hasMoved: Bool { state.withLock { $0.lines > 0 } }

    func advance(_ sequence: Int64) {
        state.withLock { state in
            state.lines += 1
            state.value = max(state.value ?? sequence, sequence)
        }
    }

    /// Whether lines came since the last call.
    func takeMoved() -> Bool {
        state.withLock { state in
            defer { state.linesTaken = state.lines }
            return state.lines > state.linesTaken
        }
    }
}
