import GRDB

/// How a worker ended.
package enum JobOutcome: Sendable, Equatable {
    /// - Parameter result: A JSON object, kept with the job.
    case succeeded(result: String?)
    /// It stopped because it was asked to: the job goes where its user wanted it, else to the queue.
    case stopped
    /// It will fail again: no retry.
    case failed(CatalogJob.Failure)
    /// It may succeed when tried again: a retry after a while, at most five times.
    case failedForNow(CatalogJob.Failure)
    /// A person has to mend something, such as a full disk: the job waits paused.
    case blocked(CatalogJob.Failure)

    fileprivate var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .stopped: "stopped"
        case .failed: "failed"
        case .failedForNow: "failed_for_now"
        case .blocked: "blocked"
        }
    }
}

extension Catalog {
    /// Ends a job's run and gives the job its next state.
    ///
    /// A user's wish to cancel or pause is older than a failure and wins over it, not over success.
    /// - Returns: The job as it is now, or nil where it is not held in this epoch any more: then
    ///   nothing was changed and the run's results must not be used.
    package func finish(
        job id: Int64, epoch: Int64, _ outcome: JobOutcome
    ) async throws -> CatalogJob? {
        var generator = SystemRandomNumberGenerator()
        return try await finish(job: id, epoch: epoch, outcome, using: &generator)
    }

    /// Like `finish(job:epoch:_:)`, with the random numbers that the wait before a retry is drawn from.
    package func finish(
        job id: Int64, epoch: Int64, _ outcome: JobOutcome,
        using generator: inout some RandomNumberGenerator
    ) async throws -> CatalogJob? {
        let now = clock()
        let draw = Double.random(in: 0...1, using: &generator)
        return try await write { [self] db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM jobs WHERE id = ? AND state = 'running' AND epoch = ?",
                    arguments: [id, epoch])
            else { return nil }
            let job = Self.settled(CatalogJob(row), after: outcome, now: now, draw: draw)
            try db.execute(
                sql: """
                    UPDATE jobs SET state = ?, wanted = NULL, owner = NULL, heartbeat = NULL,
                        attempts = ?, not_before = ?, error_code = ?, error_message = ?,
                        error_hint = ?, result = ?, finished = ?
                    WHERE id = ? AND state = 'running' AND epoch = ?
                    """,
                arguments: [
                    job.state.rawValue, job.attempts, job.notBefore, job.error?.code,
                    job.error?.message, job.error?.hint, job.result, job.finished, id, epoch,
                ])
            try Self.endRuns(of: id, outcome: outcome.name, at: now, db)
            let finished = try Self.job(id: id, db)
            try recordState(of: finished, db)
            return finished
        }
    }

    /// What an outcome makes of a running job. Pure: `draw` in 0...1 stands for chance.
    static func settled(
        _ job: CatalogJob, after outcome: JobOutcome, now: Int64, draw: Double
    ) -> CatalogJob {
        var job = job
        let wish: CatalogJob.Action? =
            switch job.wanted {
            case .paused: .pause
            case .cancelled: .cancel
            default: nil
            }
        let action: CatalogJob.Action
        switch outcome {
        case .succeeded(let result):
            action = .succeed
            job.result = result
            job.error = nil
        case .stopped:
            action = wish ?? .requeue
            job.notBefore = 0
        case .failed(let failure):
            action = wish == .cancel ? .cancel : .fail
            job.error = failure
        case .failedForNow(let failure):
            job.error = failure
            job.attempts += 1
            action = wish ?? (job.attempts >= RetryBackoff.attempts ? .fail : .requeue)
            let ceiling = Double(RetryBackoff.ceiling(afterAttempt: job.attempts))
            job.notBefore = now + Int64(draw * ceiling)
        case .blocked(let failure):
            action = wish == .cancel ? .cancel : .pause
            job.error = failure
        }
        // Every action above is one that a running job knows.
        job.state = job.state.transition(action) ?? .failed
        job.finished = job.state.isFinished ? now : nil
        return job
    }

    static func endRuns(of job: Int64, outcome: String, at now: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE runs SET ended = ?, outcome = ? WHERE job = ? AND ended IS NULL",
            arguments: [now, outcome, job])
    }
}
