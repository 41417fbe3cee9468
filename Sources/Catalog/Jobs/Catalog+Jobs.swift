import GRDB

extension Catalog {
    /// Jobs, newest first.
    ///
    /// - Parameter states: Only these; empty: all.
    package func jobs(
        states: [CatalogJob.State] = [], limit: Int = 1_000
    ) async throws -> [CatalogJob] {
        try await read { db in
            let marks = states.map { _ in "?" }.joined(separator: ", ")
            let condition = states.isEmpty ? "" : "WHERE state IN (\(marks))"
            var arguments: [any DatabaseValueConvertible] = states.map(\.rawValue)
            arguments.append(limit)
            return try Row.fetchAll(
                db, sql: "SELECT * FROM jobs \(condition) ORDER BY id DESC LIMIT ?",
                arguments: StatementArguments(arguments)
            ).map(CatalogJob.init)
        }
    }

    /// How many jobs are in each state.
    package func jobCounts() async throws -> [String: Int] {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT state, count(*) AS number FROM jobs GROUP BY state")
            return Dictionary(rows.map { ($0["state"], $0["number"]) }, uniquingKeysWith: +)
        }
    }

    /// The job of an id, or the newest one of a name.
    ///
    /// - Throws: `CatalogError.notFound`.
    package func job(_ reference: String) async throws -> CatalogJob {
        try await read { try Self.job(reference, $0) }
    }

    /// Pauses a job; a running one is asked to, and is paused once its worker has stopped.
    ///
    /// - Returns: The job; its worker has to be stopped where `wanted` is set.
    package func pause(job reference: String) async throws -> CatalogJob {
        try await change(reference, by: .pause)
    }

    /// Puts a paused job back into the queue; takes back a running one's wish to pause.
    package func resume(job reference: String) async throws -> CatalogJob {
        try await change(reference, by: .resume)
    }

    /// Cancels a job; a running one is asked to, and is cancelled once its worker has stopped.
    ///
    /// - Returns: The job; its worker has to be stopped where `wanted` is set.
    package func cancel(job reference: String) async throws -> CatalogJob {
        try await change(reference, by: .cancel)
    }

    /// Enqueues a failed or cancelled job again; it goes on from its last checkpoint where it has one
    /// still, which a cancelled job has not.
    package func retry(job reference: String) async throws -> CatalogJob {
        try await change(reference, by: .retry)
    }

    /// Does what a person asks for.
    ///
    /// - Throws: `CatalogError.invalidState` naming the state and what is possible in it.
    private func change(
        _ reference: String, by action: CatalogJob.Action
    ) async throws -> CatalogJob {
        let now = clock()
        return try await write { [self] db in
            let job = try Self.job(reference, db)
            if job.state == .running, action == .resume, job.wanted == .paused {
                // Its worker may be on the way out: it comes back to the queue then.
                try db.execute(
                    sql: "UPDATE jobs SET wanted = NULL WHERE id = ?", arguments: [job.id])
                return try Self.job(id: job.id, db)
            }
            guard let target = job.state.transition(action) else {
                let possible = [CatalogJob.Action.pause, .resume, .cancel, .retry]
                    .filter { job.state.transition($0) != nil }.map(\.rawValue)
                throw CatalogError(
                    .invalidState,
                    "job j\(job.id) is \(job.state.rawValue): there is nothing to \(action.rawValue)",
                    hint: possible.isEmpty
                        ? "" : "possible now: \(possible.joined(separator: ", "))")
            }
            if job.state == .running {
                // A wish to cancel is final; a later wish to pause does not undo it.
                let wish = job.wanted == .cancelled ? .cancelled : target
                try db.execute(
                    sql: "UPDATE jobs SET wanted = ? WHERE id = ?",
                    arguments: [wish.rawValue, job.id])
            } else {
                try db.execute(
                    sql: """
                        UPDATE jobs SET state = ?, wanted = NULL, not_before = 0, finished = ?,
                            attempts = CASE WHEN ? THEN 0 ELSE attempts END,
                            error_code = CASE WHEN ? THEN NULL ELSE error_code END,
                            error_message = CASE WHEN ? THEN NULL ELSE error_message END,
                            error_hint = CASE WHEN ? THEN NULL ELSE error_hint END
                        WHERE id = ?
                        """,
                    arguments: [
                        target.rawValue, target.isFinished ? now : nil, action == .retry,
                        target == .queued, target == .queued, target == .queued, job.id,
                    ])
            }
            let changed = try Self.job(id: job.id, db)
            try recordState(of: changed, db)
            return changed
        }
    }

    /// Keeps where a running job stands. Progress is state, not history: it makes no event.
    ///
    /// - Returns: Whether the job is still held in this epoch.
    @discardableResult
    package func setProgress(
        job id: Int64, epoch: Int64, phase: String?, progress: String?
    ) async throws -> Bool {
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE jobs SET phase = coalesce(?, phase), progress = coalesce(?, progress)
                    WHERE id = ? AND state = 'running' AND epoch = ?
                    """, arguments: [phase, progress, id, epoch])
            return db.changesCount > 0
        }
    }

    static func job(_ reference: String, _ db: Database) throws -> CatalogJob {
        if let row = try Row.fetchOne(
            db,
            sql:
                "SELECT * FROM jobs WHERE id = ? OR name = ? ORDER BY id = ? DESC, id DESC LIMIT 1",
            arguments: [Int64(reference), reference, Int64(reference)])
        {
            return CatalogJob(row)
        }
        throw CatalogError.notFound("job", reference, list: "ps")
    }

    static func job(id: Int64, _ db: Database) throws -> CatalogJob {
        try job("\(id)", db)
    }

    /// Records what state a job is in now.
    func recordState(of job: CatalogJob, _ db: Database) throws {
        var payload = ["name": job.name, "state": job.state.rawValue]
        payload["wanted"] = job.wanted?.rawValue
        payload["code"] = job.error?.code
        payload["message"] = job.error?.message
        try record(db, event: "job.state", subject: "job", id: job.id, payload: payload)
    }
}
