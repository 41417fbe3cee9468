/// Who wants to know that events were committed.
struct EventListeners: Sendable {
    private var next = 0
    private var handlers: [Int: @Sendable (Int64) -> Void] = [:]

    mutating func add(_ handler: @escaping @Sendable (Int64) -> Void) -> Int {
        next += 1
        handlers[next] = handler
        return next
    }

    mutating func remove(_ token: Int) { handlers[token] = nil }

    var all: [@Sendable (Int64) -> Void] { Array(handlers.values) }
}
