import Foundation
import GRDB

/// How the catalog is stored: for `doctor` and for support.
package struct StorageFacts: Codable, Sendable, Equatable {
    /// `wal`.
    package var journalMode: String
    /// 2: every commit is on disk when it returns.
    package var synchronous: Int
    package var foreignKeys: Bool
    package var sqliteVersion: String
    /// The last migration that was applied.
    package var schema: String
    /// Size of the database file.
    package var bytes: Int64
}

extension Catalog {
    /// How this catalog is stored, asked of the connection that writes.
    package func storageFacts() async throws -> StorageFacts {
        let path = files.database
        return try await write { db in
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64
            return StorageFacts(
                journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
                synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? 0,
                foreignKeys: try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") ?? false,
                sqliteVersion: try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "",
                schema: try String.fetchOne(
                    db, sql: "SELECT max(identifier) FROM grdb_migrations") ?? "",
                bytes: size ?? 0)
        }
    }
}
