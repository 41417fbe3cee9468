import Foundation
import GRDB

extension Catalog {
    /// Copies the live database to `catalog.backup.sqlite`, whole or not at all. To be called hourly.
    package func backUp() async throws {
        let (pool, files) = (pool, files)
        let temporary = files.backup + ".tmp"
        do {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                try? FileManager.default.removeItem(atPath: temporary + suffix)
            }
            let target = try DatabaseQueue(path: temporary)
            try await pool.read { source in
                try target.writeWithoutTransaction { copy in
                    try source.backup(to: copy)
                }
            }
            try await target.writeWithoutTransaction { copy in
                // One self-contained file: no write-ahead log belongs to it.
                try copy.execute(sql: "PRAGMA journal_mode = DELETE")
            }
            try target.close()
        } catch let error as DatabaseError {
            throw translated(error)
        }
        try DurableFile.sync(temporary)
        try DurableFile.rename(temporary, to: files.backup)
    }
}
