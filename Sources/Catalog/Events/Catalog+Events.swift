import GRDB
import Synchronization

extension Catalog {
    /// How many days and how many rows of events are kept.
    package static let eventDays = 14, eventRows = 200_000

    /// Records an event of its own; state changes of jobs and data sets record theirs by themselves.
    ///
    /// - Parameter payload: Encoded as a JSON object.
    /// - Returns: The event's number.
    @discardableResult
    package func append(
        event type: String, subject: String, id: Int64? = nil,
        payload: some Encodable & Sendable = [String: String]()
    ) async throws -> Int64 {
        try await write { [self] db in
            try record(db, event: type, subject: subject, id: id, payload: payload)
        }
    }

    /// The events behind `seq`, oldest first.
    ///
    /// - Parameter types: Only these, each a whole type or a prefix such as `job`; empty: all.
    package func events(
        after seq: Int64, types: [String] = [], limit: Int = 500
    ) async throws -> CatalogEventPage {
        try await read { db in
            var conditions = ["seq > ?"]
            var arguments: [any DatabaseValueConvertible] = [seq]
            if !types.isEmpty {
                let tests = types.map { _ in "type = ? OR substr(type, 1, ?) = ?" }
                conditions.append("(" + tests.joined(separator: " OR ") + ")")
                for type in types {
                    let prefix = type + "."
                    arguments += [type, prefix.unicodeScalars.count, prefix]
                }
            }
            arguments.append(limit)
            let events = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM events WHERE \(conditions.joined(separator: " AND "))
                    ORDER BY seq LIMIT ?
                    """, arguments: StatementArguments(arguments)
            ).map(CatalogEvent.init)
            let first = try Int64.fetchOne(db, sql: "SELECT min(seq) FROM events")
            let pruned = try Meta.get("events.pruned", db).flatMap(Int64.init) ?? 0
            let last = try Self.lastEvent(db)
            return CatalogEventPage(
                gapUntil: seq < pruned ? first ?? last + 1 : nil, events: events, last: last)
        }
    }

    /// What a job was warned of, oldest first, as far as events are kept: the payloads of `job.warning`.
    package func warnings(ofJob id: Int64, limit: Int = 64) async throws -> [String] {
        try await read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT payload FROM events WHERE type = 'job.warning' AND id = ?
                    ORDER BY seq LIMIT ?
                    """, arguments: [id, limit])
        }
    }

    /// The number of the newest event; 0 before the first.
    package func lastEvent() async throws -> Int64 {
        try await read { try Self.lastEvent($0) }
    }

    /// Drops events older than 14 days and all but the newest 200,000. To be called hourly.
    ///
    /// - Returns: How many were dropped.
    @discardableResult
    package func pruneEvents(
        days: Int = Catalog.eventDays, rows: Int = Catalog.eventRows
    ) async throws -> Int {
        let oldest = clock() - Int64(days) * 86_400_000
        return try await write { db in
            let bound =
                try Int64.fetchOne(
                    db,
                    sql: """
                        SELECT max(seq) FROM (
                            SELECT max(seq) AS seq FROM events WHERE time < ?
                            UNION ALL
                            SELECT seq FROM (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?))
                        """, arguments: [oldest, rows]) ?? 0
            guard bound > 0 else { return 0 }
            try db.execute(sql: "DELETE FROM events WHERE seq <= ?", arguments: [bound])
            let count = db.changesCount
            if count > 0 { try Meta.set("events.pruned", "\(bound)", db) }
            return count
        }
    }

    /// Calls `handler` with the newest event's number after every commit that brought events.
    ///
    /// The handler runs on the writer's thread: it must not block and must not call the catalog.
    /// - Returns: A token for `stopListening`.
    package func listen(_ handler: @escaping @Sendable (Int64) -> Void) -> Int {
        listeners.withLock { $0.add(handler) }
    }

    /// Ends what `listen` began.
    package func stopListening(_ token: Int) { listeners.withLock { $0.remove(token) } }

    private static func lastEvent(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0
    }

    /// Records an event within a transaction; listeners hear of it once that commits.
    @discardableResult
    func record(
        _ db: Database, event type: String, subject: String, id: Int64?, payload: some Encodable
    ) throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO events (time, type, subject, id, payload) VALUES (?, ?, ?, ?, ?)",
            arguments: [clock(), type, subject, id, try JSONText.encode(payload)])
        let seq = db.lastInsertedRowID
        db.afterNextTransaction { [self] _ in
            for handler in listeners.withLock({ $0.all }) { handler(seq) }
        }
        return seq
    }
}
