import GRDB

extension Catalog {
    /// Enters a run of a claimed job.
    ///
    /// Folder, sample list and threads of a job's first run hold for all its later ones.
    /// - Returns: The run with the values to use, or nil where the job is not held in this epoch.
    package func beginRun(
        job id: Int64, epoch: Int64, folder: String, samples: String, threads: Int
    ) async throws -> CatalogRun? {
        let now = clock()
        return try await write { db in
            guard try Self.holds(job: id, epoch: epoch, db) else { return nil }
            let first = try Row.fetchOne(
                db, sql: "SELECT * FROM runs WHERE job = ? ORDER BY epoch LIMIT 1", arguments: [id]
            ).map(CatalogRun.init)
            let row = try Row.fetchOne(
                db,
                sql: """
                    INSERT INTO runs (job, epoch, folder, samples, threads, started)
                    VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (job, epoch) DO UPDATE SET started = excluded.started
                    RETURNING *
                    """,
                arguments: [
                    id, epoch, first?.folder ?? folder, first?.samples ?? samples,
                    first?.threads ?? threads, now,
                ])
            return row.map(CatalogRun.init)
        }
    }

    /// A job's runs, oldest first.
    package func runs(ofJob id: Int64) async throws -> [CatalogRun] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM runs WHERE job = ? ORDER BY epoch", arguments: [id]
            ).map(CatalogRun.init)
        }
    }

    /// Keeps a checkpoint that is on disk, and the one before it.
    ///
    /// - Returns: Paths that nothing needs any more, for the caller to delete; nil where the job is not
    ///   held in this epoch: then the checkpoint was not kept and its worker has to stop.
    package func recordCheckpoint(
        job id: Int64, epoch: Int64, step: Int, path: String, sha256: String
    ) async throws -> [String]? {
        let now = clock()
        return try await write { db in
            guard try Self.holds(job: id, epoch: epoch, db) else { return nil }
            try db.execute(
                sql: """
                    INSERT INTO checkpoints (job, step, path, sha256, created)
                    VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (job, step) DO UPDATE SET path = excluded.path,
                        sha256 = excluded.sha256, created = excluded.created
                    """, arguments: [id, step, path, sha256, now])
            let dropped = try Row.fetchAll(
                db,
                sql: """
                    DELETE FROM checkpoints WHERE job = ? AND id NOT IN (
                        SELECT id FROM checkpoints WHERE job = ? ORDER BY step DESC LIMIT 2)
                    RETURNING path
                    """, arguments: [id, id]
            ).map { $0["path"] as String }
            let kept = try String.fetchSet(
                db, sql: "SELECT path FROM checkpoints WHERE job = ?", arguments: [id])
            return dropped.filter { !kept.contains($0) }.sorted()
        }
    }

    /// A job's checkpoints, newest first, at most two.
    package func checkpoints(ofJob id: Int64) async throws -> [CatalogCheckpoint] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM checkpoints WHERE job = ? ORDER BY step DESC",
                arguments: [id]
            ).map(CatalogCheckpoint.init)
        }
    }

    /// Forgets the checkpoints of a job that has succeeded or was cancelled; those of any other stay,
    /// also when it has been enqueued again meanwhile.
    ///
    /// - Parameter id: nil: of every such job.
    /// - Returns: Their paths, for the caller to delete.
    package func removeCheckpoints(ofJob id: Int64? = nil) async throws -> [String] {
        try await write { db in
            try Row.fetchAll(
                db,
                sql: """
                    DELETE FROM checkpoints WHERE job = coalesce(?, job) AND job IN
                        (SELECT id FROM jobs WHERE state IN ('succeeded', 'cancelled'))
                    RETURNING path
                    """, arguments: [id]
            ).map { $0["path"] }
        }
    }

    private static func holds(job id: Int64, epoch: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM jobs
                    WHERE id = ? AND state = 'running' AND epoch = ?)
                """, arguments: [id, epoch]) ?? false
    }
}
