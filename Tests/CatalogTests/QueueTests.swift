import Catalog
import Testing

@Suite struct QueueTests {
    private let failure = CatalogJob.Failure(code: "worker.died", message: "it died")

    @Test func statesAndActions() {
        var table: [String] = []
        for state in CatalogJob.State.allCases {
            for action in CatalogJob.Action.allCases {
                if let next = state.transition(action) {
                    table.append("\(state) \(action) \(next)")
                }
            }
        }
        #expect(
            table == [
                "queued claim running", "queued pause paused", "queued cancel cancelled",
                "running succeed succeeded", "running fail failed", "running requeue queued",
                "running pause paused", "running cancel cancelled",
                "paused resume queued", "paused cancel cancelled",
                "failed retry queued", "cancelled retry queued",
            ])
    }

    @Test func oneKeyMakesOneJob() async throws {
        let catalog = try StateFolder().open()
        let created = try await withThrowingTaskGroup(of: Bool.self) { group in
            for key in 0..<50 {
                for _ in 0..<10 {
                    group.addTask {
                        let outcome = try await catalog.enqueue(
                            newJob("job-\(key)"), key: "key-\(key)", fingerprint: "f\(key)")
                        if case .created = outcome { return true }
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(created == 50)
        #expect(try await catalog.jobs().count == 50)

        let other = try await catalog.enqueue(newJob(), key: "key-0", fingerprint: "else")
        guard case .conflict = other else {
            Issue.record("found \(other), expected a conflict")
            return
        }
        // Another user may use the same key.
        var stranger = newJob()
        stranger.uid = 7
        guard case .created = try await catalog.enqueue(stranger, key: "key-0") else {
            Issue.record("expected a job of its own")
            return
        }
        try catalog.close()
    }

    @Test func theQueueHasAnEnd() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob(), limit: 1)
        let error = await #expect(throws: CatalogError.self) {
            try await catalog.enqueue(newJob(), limit: 1)
        }
        #expect(error?.code == .queueFull)
        try catalog.close()
    }

    @Test func priorityThenAge() async throws {
        let catalog = try StateFolder().open()
        for (name, priority) in [("a", 0), ("b", 5), ("c", 5), ("d", -1)] {
            _ = try await catalog.enqueue(newJob(name, priority: priority))
        }
        var order: [String] = []
        while let job = try await catalog.claimJob(owner: "me", heartbeat: 0) {
            #expect(job.state == .running && job.epoch == 1 && job.owner == "me")
            order.append(job.name)
        }
        #expect(order == ["b", "c", "a", "d"])
        try catalog.close()
    }

    @Test func manyClaimantsShareOut() async throws {
        let catalog = try StateFolder().open()
        for number in 0..<40 { _ = try await catalog.enqueue(newJob("j\(number)")) }
        let claimed = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for owner in 0..<8 {
                group.addTask {
                    var ids: [Int64] = []
                    while let job = try await catalog.claimJob(owner: "\(owner)", heartbeat: 0) {
                        ids.append(job.id)
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 40)
        #expect(Set(claimed).count == 40)
        try catalog.close()
    }

    @Test func anEarlierEpochHasNoSay() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        let first = try #require(try await catalog.claimJob(owner: "old", heartbeat: 0))
        let requeued = try await catalog.requeueForeignJobs(owner: "new")
        #expect(requeued.map(\.state) == [.queued])
        #expect(requeued.first?.attempts == 0)
        let second = try #require(try await catalog.claimJob(owner: "new", heartbeat: 0))
        #expect(second.epoch > first.epoch)

        #expect(try await catalog.beat(job: first.id, epoch: first.epoch, heartbeat: 1) == false)
        #expect(
            try await catalog.recordCheckpoint(
                job: first.id, epoch: first.epoch, step: 1, path: "p", sha256: "s") == nil)
        #expect(
            try await catalog.finish(
                job: first.id, epoch: first.epoch, .succeeded(result: nil)) == nil)
        #expect(
            try await catalog.beginRun(
                job: first.id, epoch: first.epoch, folder: "f", samples: "s", threads: 1) == nil)
        #expect(try await catalog.beat(job: second.id, epoch: second.epoch, heartbeat: 1))
        let done = try await catalog.finish(
            job: second.id, epoch: second.epoch, .succeeded(result: "{}"))
        #expect(done?.state == .succeeded)
        #expect(done?.finished != nil)
        try catalog.close()
    }

    @Test func failuresWaitLongerAndThenGiveUp() async throws {
        let clock = TestClock()
        let catalog = try StateFolder().open(clock: clock)
        _ = try await catalog.enqueue(newJob())
        for attempt in 1...RetryBackoff.attempts {
            let job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
            let after = try #require(
                try await catalog.finish(job: job.id, epoch: job.epoch, .failedForNow(failure)))
            #expect(after.attempts == attempt)
            if attempt == RetryBackoff.attempts {
                #expect(after.state == .failed)
            } else {
                #expect(after.state == .queued)
                let wait = after.notBefore - clock.now
                #expect((0...RetryBackoff.ceiling(afterAttempt: attempt)).contains(wait))
                clock.advance(seconds: 3_600)
            }
        }
        #expect(try await catalog.claimJob(owner: "me", heartbeat: 0) == nil)
        let retried = try await catalog.retry(job: "job")
        #expect(retried.state == .queued && retried.attempts == 0 && retried.error == nil)
        try catalog.close()
    }

    @Test func backoffDoublesUpToAnHour() {
        #expect((1...4).map(RetryBackoff.ceiling) == [10_000, 20_000, 40_000, 80_000])
        #expect(RetryBackoff.ceiling(afterAttempt: 50) == 3_600_000)
    }

    @Test func aWaitingJobIsNotClaimed() async throws {
        let clock = TestClock()
        let catalog = try StateFolder().open(clock: clock)
        _ = try await catalog.enqueue(newJob())
        let job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        let most = Most()
        var generator = most
        let after = try await catalog.finish(
            job: job.id, epoch: job.epoch, .failedForNow(failure), using: &generator)
        let due = try #require(after?.notBefore)
        #expect(due > clock.now)
        #expect(try await catalog.nextStart() == due)
        #expect(try await catalog.claimJob(owner: "me", heartbeat: 0) == nil)
        clock.advance(seconds: 11)
        #expect(try await catalog.claimJob(owner: "me", heartbeat: 0) != nil)
        try catalog.close()
    }

    /// Always the largest number.
    private struct Most: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }

    @Test func wishesOfUsersReachRunningJobs() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        var job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        #expect(try await catalog.pause(job: "job").wanted == .paused)
        let paused = try await catalog.finish(job: job.id, epoch: job.epoch, .stopped)
        #expect(paused?.state == .paused && paused?.wanted == nil)
        #expect(try await catalog.resume(job: "\(job.id)").state == .queued)

        // The daemon stops: nobody wished for it, so the job goes on later.
        job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        #expect(try await catalog.finish(job: job.id, epoch: job.epoch, .stopped)?.state == .queued)

        // A wish to cancel survives the daemon's death.
        job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        #expect(try await catalog.cancel(job: "job").wanted == .cancelled)
        #expect(try await catalog.pause(job: "job").wanted == .cancelled)
        #expect(try await catalog.requeueForeignJobs(owner: "next").first?.state == .cancelled)
        let error = await #expect(throws: CatalogError.self) {
            try await catalog.pause(job: "job")
        }
        #expect(error?.code == .invalidState)
        #expect(error?.hint == "possible now: retry")
        try catalog.close()
    }

    @Test func fullDisksPauseInsteadOfFailing() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        let job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        let full = CatalogJob.Failure(code: "disk.full", message: "no space")
        let after = try await catalog.finish(job: job.id, epoch: job.epoch, .blocked(full))
        #expect(after?.state == .paused && after?.error == full && after?.attempts == 0)
        #expect(try await catalog.resume(job: "job").error == nil)
        try catalog.close()
    }

    @Test func expiredLeasesAreFound() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        let job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 100))
        #expect(try await catalog.expiredJobs(owner: "me", before: 100).isEmpty)
        #expect(try await catalog.expiredJobs(owner: "me", before: 101).map(\.id) == [job.id])
        #expect(
            try await catalog.setProgress(job: job.id, epoch: 1, phase: "training", progress: nil))
        #expect(try await catalog.setProgress(job: job.id, epoch: 1, phase: nil, progress: "{}"))
        let now = try await catalog.job("job")
        #expect(now.phase == "training" && now.progress == "{}")
        try catalog.close()
    }

    @Test func theLastTwoCheckpointsStay() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        let job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        var dropped: [[String]?] = []
        for step in [10, 20, 30, 30, 40] {
            dropped.append(
                try await catalog.recordCheckpoint(
                    job: job.id, epoch: job.epoch, step: step, path: "c\(step)", sha256: "s"))
        }
        #expect(dropped == [[], [], ["c10"], [], ["c20"]])
        #expect(try await catalog.checkpoints(ofJob: job.id).map(\.step) == [40, 30])
        #expect(try await catalog.removeCheckpoints(ofJob: job.id).isEmpty)
        _ = try await catalog.finish(job: job.id, epoch: job.epoch, .succeeded(result: nil))
        #expect(try await catalog.removeCheckpoints(ofJob: job.id).sorted() == ["c30", "c40"])
        #expect(try await catalog.removeCheckpoints().isEmpty)
        try catalog.close()
    }

    @Test func aResumedRunKeepsWhatTheFirstOneFroze() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.enqueue(newJob())
        var job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        let first = try await catalog.beginRun(
            job: job.id, epoch: job.epoch, folder: "f", samples: "list", threads: 2)
        #expect(first?.threads == 2)
        _ = try await catalog.finish(job: job.id, epoch: job.epoch, .stopped)
        job = try #require(try await catalog.claimJob(owner: "me", heartbeat: 0))
        let second = try await catalog.beginRun(
            job: job.id, epoch: job.epoch, folder: "g", samples: "other", threads: 8)
        #expect(second?.folder == "f" && second?.samples == "list" && second?.threads == 2)
        #expect(try await catalog.runs(ofJob: job.id).map(\.outcome) == ["stopped", nil])
        try catalog.close()
    }

    @Test func jobsAreFoundByNameOrId() async throws {
        let catalog = try StateFolder().open()
        for _ in 0..<2 { _ = try await catalog.enqueue(newJob("night")) }
        #expect(try await catalog.job("night").id == 2)
        #expect(try await catalog.job("1").name == "night")
        let error = await #expect(throws: CatalogError.self) { try await catalog.job("day") }
        #expect(error?.code == .notFound)
        #expect(try await catalog.jobCounts() == ["queued": 2])
        #expect(try await catalog.jobs(states: [.running]).isEmpty)
        try catalog.close()
    }
}
