import GRDB

/// A job that is to be enqueued.
package struct NewJob: Sendable, Equatable {
    package var name: String
    package var kind: String
    package var recipe: String
    package var dataset: String
    package var uid: Int64
    package var priority: Int

    /// Makes a job.
    package init(
        name: String, kind: String, recipe: String, dataset: String, uid: Int64, priority: Int = 0
    ) {
        self.name = name
        self.kind = kind
        self.recipe = recipe
        self.dataset = dataset
        self.uid = uid
        self.priority = priority
    }
}

/// What became of an enqueue request.
package enum EnqueueOutcome: Sendable, Equatable {
    case created(CatalogJob)
    /// The same request had been made before; this is its job.
    case replayed(CatalogJob)
    /// The key had been used for another request.
    case conflict(job: Int64)
}

extension Catalog {
    /// Enqueues a job, at most once for each key of a user. Durable when it returns.
    ///
    /// - Parameters:
    ///   - key: The request's Idempotency-Key; nil: always a new job.
    ///   - fingerprint: What tells this request from another with the same key, such as a digest.
    ///   - limit: How many jobs may wait.
    /// - Throws: `CatalogError.queueFull`.
    package func enqueue(
        _ job: NewJob, key: String? = nil, fingerprint: String = "", limit: Int = 1_000
    ) async throws -> EnqueueOutcome {
        let now = clock()
        return try await write { [self] db in
            if let key, let earlier = try Self.earlier(uid: job.uid, key: key, db) {
                guard earlier.fingerprint == fingerprint else { return .conflict(job: earlier.job) }
                return .replayed(try Self.job(id: earlier.job, db))
            }
            let waiting =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM jobs WHERE state IN ('queued', 'paused')") ?? 0
            guard waiting < limit else {
                throw CatalogError(
                    .queueFull, "\(waiting) jobs wait already, the most that may",
                    hint: "try again later, or cancel some")
            }
            try db.execute(
                sql: """
                    INSERT INTO jobs (name, kind, state, recipe, dataset, uid, priority, created)
                    VALUES (?, ?, 'queued', ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    job.name, job.kind, job.recipe, job.dataset, job.uid, job.priority, now,
                ])
            let id = db.lastInsertedRowID
            if let key {
                try db.execute(
                    sql: "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?)",
                    arguments: [job.uid, key, fingerprint, id, now])
            }
            let created = try Self.job(id: id, db)
            try recordState(of: created, db)
            return .created(created)
        }
    }

    private static func earlier(
        uid: Int64, key: String, _ db: Database
    ) throws -> (fingerprint: String, job: Int64)? {
        try Row.fetchOne(
            db, sql: "SELECT fingerprint, job FROM idempotency WHERE uid = ? AND key = ?",
            arguments: [uid, key]
        ).map { ($0["fingerprint"], $0["job"]) }
    }

    /// Forgets idempotency keys older than `days`. To be called hourly.
    package func pruneIdempotencyKeys(days: Int = 14) async throws {
        let oldest = clock() - Int64(days) * 86_400_000
        try await write { db in
            try db.execute(sql: "DELETE FROM idempotency WHERE created < ?", arguments: [oldest])
        }
    }

    /// Takes the next job from the queue: highest priority first, then oldest.
    ///
    /// - Parameters:
    ///   - owner: Who takes the lease.
    ///   - heartbeat: Milliseconds of a clock that wall-clock jumps cannot move.
    /// - Returns: The job with its new epoch, or nil where none may start now.
    package func claimJob(owner: String, heartbeat: Int64) async throws -> CatalogJob? {
        let now = clock()
        // No wait is longer than an hour: a later time is left from a clock that has jumped back.
        let latest = now + 3_600_000
        return try await write { [self] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE jobs SET state = 'running', owner = ?, epoch = epoch + 1, heartbeat = ?,
                        started = coalesce(started, ?), finished = NULL, wanted = NULL
                    WHERE id = (SELECT id FROM jobs
                        WHERE state = 'queued' AND (not_before <= ? OR not_before > ?)
                        ORDER BY priority DESC, id LIMIT 1)
                    RETURNING *
                    """, arguments: [owner, heartbeat, now, now, latest])
            guard let job = row.map(CatalogJob.init) else { return nil }
            try recordState(of: job, db)
            return job
        }
    }

    /// When the next queued job may start, in milliseconds since 1970; nil where none waits.
    package func nextStart() async throws -> Int64? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT min(not_before) FROM jobs WHERE state = 'queued'")
        }
    }

    /// Renews a lease.
    ///
    /// - Returns: Whether the job is still held in this epoch; if not, its worker has to stop.
    package func beat(job id: Int64, epoch: Int64, heartbeat: Int64) async throws -> Bool {
        try await write { db in
            try db.execute(
                sql:
                    "UPDATE jobs SET heartbeat = ? WHERE id = ? AND state = 'running' AND epoch = ?",
                arguments: [heartbeat, id, epoch])
            return db.changesCount > 0
        }
    }

    /// Running jobs of `owner` whose last heartbeat is older than `bound`.
    package func expiredJobs(owner: String, before bound: Int64) async throws -> [CatalogJob] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM jobs WHERE state = 'running' AND owner = ? AND heartbeat < ?
                    ORDER BY id
                    """, arguments: [owner, bound]
            ).map(CatalogJob.init)
        }
    }

    /// Puts every running job that somebody else holds back into the queue, or where its user wanted
    /// it. For the start, by the only daemon of this state. It counts as no failure.
    ///
    /// - Returns: The jobs as they are now.
    package func requeueForeignJobs(owner: String) async throws -> [CatalogJob] {
        let now = clock()
        return try await write { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    UPDATE jobs SET state = coalesce(wanted, 'queued'), owner = NULL, wanted = NULL,
                        heartbeat = NULL, epoch = epoch + 1, not_before = 0,
                        finished = CASE wanted WHEN 'cancelled' THEN ? END
                    WHERE state = 'running' AND owner IS NOT ?
                    RETURNING *
                    """, arguments: [now, owner])
            let jobs = rows.map(CatalogJob.init).sorted { $0.id < $1.id }
            for job in jobs {
                try Self.endRuns(of: job.id, outcome: "interrupted", at: now, db)
                try recordState(of: job, db)
            }
            return jobs
        }
    }
}
