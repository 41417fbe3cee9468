import Catalog
import ControlProtocol
import Foundation
import Logging
import Synchronization

/// Hands every committed event, and what is never stored, to whoever follows.
final class EventHub: Sendable {
    private struct State {
        var followers: [ObjectIdentifier: FollowerQueue] = [:]
        /// The last event handed out.
        var position: Int64 = 0
    }

    private let catalog: Catalog
    private let logger: Logger
    private let state = Mutex(State())
    private let wake: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init(catalog: Catalog, logger: Logger) {
        self.catalog = catalog
        self.logger = logger
        (wake, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Distributes until cancelled.
    func run(heartbeat: Duration) async throws {
        let token = catalog.listen { [wakeUp] _ in wakeUp.yield() }
        defer {
            catalog.stopListening(token)
            for follower in state.withLock({ $0.followers.values }) { follower.close() }
        }
        let start = try await catalog.lastEvent()
        state.withLock { $0.position = max($0.position, start) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [self] in
                for await _ in wake { await distribute() }
            }
            tasks.addTask { [self] in
                while true {
                    try await Task.sleep(for: heartbeat)
                    send(transient: "heartbeat", subject: nil, data: .object([:]))
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Adds a follower; every event behind the returned position reaches its queue.
    func follow(types: [String], backlog: Int) -> (queue: FollowerQueue, position: Int64) {
        let queue = FollowerQueue(limit: backlog, types: types)
        let position = state.withLock { state in
            state.followers[ObjectIdentifier(queue)] = queue
            return state.position
        }
        return (queue, position)
    }

    func unfollow(_ queue: FollowerQueue) {
        queue.close()
        _ = state.withLock { $0.followers.removeValue(forKey: ObjectIdentifier(queue)) }
    }

    var hasFollowers: Bool { state.withLock { !$0.followers.isEmpty } }

    /// Sends what the catalog does not keep.
    func send(transient type: String, subject: String?, data: JSONValue) {
        let (followers, position) = state.withLock {
            (Array($0.followers.values), $0.position)
        }
        let interested = followers.filter { type == "heartbeat" || $0.wants(type) }
        guard !interested.isEmpty else { return }
        let event = ControlEvent(
            sequence: position, time: .now, type: type, subject: subject, data: data)
        guard let line = EventHub.line(event) else { return }
        for follower in interested { follower.put(EventLine(sequence: nil, bytes: line)) }
    }

    private func distribute() async {
        do {
            while true {
                let position = state.withLock { $0.position }
                let page = try await catalog.events(after: position)
                guard let last = page.events.last else { return }
                let lines = page.events.map(ControlEvent.init).map { ($0, EventHub.line($0)) }
                // New followers count from the new position, old ones get these lines: never both.
                let followers = state.withLock { state in
                    state.position = last.seq
                    return Array(state.followers.values)
                }
                for follower in followers {
                    for case (let event, let line?) in lines where follower.wants(event.type) {
                        follower.put(EventLine(sequence: event.sequence, bytes: line))
                    }
                }
            }
        } catch {
            logger.error("events cannot be read", metadata: ["error": "\(error)"])
        }
    }

    static func line(_ event: ControlEvent) -> Data? {
        (try? ControlJSON.encode(event)).map { $0 + [0x0A] }
    }
}

extension ControlEvent {
    /// A stored event as the protocol shows it.
    init(_ event: CatalogEvent) {
        let data =
            (try? ControlJSON.decode(JSONValue.self, from: Data(event.payload.utf8)))
            ?? .object([:])
        var subject: String? = data["name"]?.string
        if event.subject == "job", let id = event.id { subject = JobName.text(id) }
        if subject == nil, let id = event.id { subject = String(id) }
        self.init(
            sequence: event.seq, time: Timestamp(milliseconds: event.time), type: event.type,
            subject: subject, data: data)
    }
}
