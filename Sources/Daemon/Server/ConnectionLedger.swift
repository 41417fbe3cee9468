import NIOCore
import Synchronization

/// Counts connections and decides whether one more fits.
///
/// A full house first shows out whoever has been waiting longest without a complete request, so
/// that clients that only connect cannot keep out those that ask.
final class ConnectionLedger: Sendable {
    struct Ticket: Sendable, Hashable {
        fileprivate var number: UInt64
    }

    private struct Entry {
        var uid: UInt32
        var isTrusted: Bool
        var isWaiting = true
        var close: @Sendable () -> Void
    }

    private struct State {
        var next: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
    }

    private let limits: ServerLimits
    private let state = Mutex(State())

    init(limits: ServerLimits) {
        self.limits = limits
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Lets a connection in, or gives nil where there is no room.
    func admit(
        uid: UInt32, isTrusted: Bool, close: @escaping @Sendable () -> Void
    ) -> Ticket? {
        let (ticket, evicted) = state.withLock { state -> (Ticket?, Entry?) in
            var evicted: Entry?
            let ofUser = state.entries.filter { $0.value.uid == uid }
            if !isTrusted, ofUser.count >= limits.connectionsPerUser {
                guard let oldest = ConnectionLedger.oldestWaiting(ofUser) else { return (nil, nil) }
                evicted = state.entries.removeValue(forKey: oldest)
            } else if state.entries.count >= limits.connections {
                guard let oldest = ConnectionLedger.oldestWaiting(state.entries) else {
                    return (nil, nil)
                }
                evicted = state.entries.removeValue(forKey: oldest)
            }
            state.next += 1
            state.entries[state.next] = Entry(uid: uid, isTrusted: isTrusted, close: close)
            return (Ticket(number: state.next), evicted)
        }
        evicted?.close()
        return ticket
    }

    /// A request is complete (`waiting` false), or the connection waits for the next one.
    func set(_ ticket: Ticket, waiting: Bool) {
        state.withLock { $0.entries[ticket.number]?.isWaiting = waiting }
    }

    func leave(_ ticket: Ticket) {
        _ = state.withLock { $0.entries.removeValue(forKey: ticket.number) }
    }

    private static func oldestWaiting(_ entries: [UInt64: Entry]) -> UInt64? {
        entries.filter { $0.value.isWaiting }.keys.min()
    }
}
