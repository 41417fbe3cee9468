import Foundation
import GRDB
import Synchronization

/// What the service knows: data sets, samples, models, jobs and events, in one SQLite file.
///
/// One connection writes; readers see the last committed state and never wait for it. Every method
/// is one transaction: it is done when it returns, and not begun when it throws.
///
/// ```swift
/// let catalog = try Catalog.open(folder: "/var/lib/distilld")
/// let dataset = try await catalog.dataset("kitchen")
/// ```
package final class Catalog: Sendable {
    let pool: DatabasePool
    let files: CatalogFiles
    /// What opening had to mend.
    package let recovery: CatalogRecovery
    let clock: @Sendable () -> Int64
    let listeners = Mutex<EventListeners>(EventListeners())
    private let health = Mutex<Health>(Health())

    private struct Health {
        var foundDamage = false
        var isClosed = false
        var lastWrite: Int64 = 0
        /// How many transactions were asked for.
        var transactions = 0
        /// The transaction that the writer works on.
        var writing: (number: Int, began: ContinuousClock.Instant)?
    }

    init(
        pool: DatabasePool, files: CatalogFiles, recovery: CatalogRecovery,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.pool = pool
        self.files = files
        self.recovery = recovery
        self.clock = clock
    }

    /// Milliseconds since 1970 by the wall clock: the unit of every time in the catalog.
    package static func currentTime() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw translated(error)
        }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let number = health.withLock { health in
            health.transactions += 1
            return health.transactions
        }
        // After the commit, which may take long as well.
        defer {
            health.withLock { if $0.writing?.number == number { $0.writing = nil } }
        }
        do {
            // GRDB opens the transaction with BEGIN IMMEDIATE: no reader is ever promoted.
            let value = try await pool.write { [self] db in
                health.withLock { $0.writing = (number, .now) }
                return try body(db)
            }
            health.withLock { $0.lastWrite = Self.currentTime() }
            return value
        } catch let error as DatabaseError {
            throw translated(error)
        }
    }

    /// When the transaction began that the writer works on; nil while it rests. For the watchdog: who
    /// waits for the writer meanwhile is not stuck.
    package var writingSince: ContinuousClock.Instant? {
        health.withLock { $0.writing?.began }
    }

    func translated(_ error: DatabaseError) -> CatalogError {
        let failure = CatalogError(error, path: files.database)
        if failure.code == .corrupt { health.withLock { $0.foundDamage = true } }
        return failure
    }

    /// Proves that the writer still commits: writes one row. For the watchdog.
    package func tick() async throws {
        let now = clock()
        try await write { db in
            try Meta.set("tick", "\(now)", db)
        }
    }

    /// Closes the database; the next start then skips the check that follows a crash, unless damage
    /// was seen.
    package func close() throws {
        let (wasClosed, foundDamage) = health.withLock { health in
            defer { health.isClosed = true }
            return (health.isClosed, health.foundDamage)
        }
        guard !wasClosed else { return }
        do {
            // GRDB closes the writer before the readers, which may not tidy up: do it for them, so that
            // one file holds everything. Where that fails the write-ahead log still has it all.
            pool.invalidateReadOnlyConnections()
            try? pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            try pool.close()
        } catch let error as DatabaseError {
            throw translated(error)
        }
        if !foundDamage { files.removeMarker() }
    }
}
