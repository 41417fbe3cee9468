import Catalog
import Foundation
import Testing

/// What lies on disk after a commit has been acknowledged is what a killed process leaves behind.
@Suite struct CrashTests {
    /// A copy of the files as they are now, as a crash at this moment would leave them.
    private func crashed(_ folder: StateFolder) throws -> StateFolder {
        let copy = try StateFolder()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(
                atPath: "\(folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        return copy
    }

    @Test func acknowledgedJobsSurvive() async throws {
        let folder = try StateFolder()
        let catalog = try folder.open()
        for number in 1...20 {
            _ = try await catalog.enqueue(newJob("job-\(number)"), key: "k\(number)")
            let left = try crashed(folder)
            let after = try left.open()
            #expect(after.recovery == .checkedAfterCrash)
            #expect(try await after.jobs().count == number)
            // The client never heard the answer and asks again.
            guard case .replayed = try await after.enqueue(newJob(), key: "k\(number)") else {
                Issue.record("job \(number) was made twice")
                return
            }
            try after.close()
        }
        try catalog.close()
    }

    @Test func aRunningJobGoesOnFromItsCheckpoint() async throws {
        let folder = try StateFolder()
        let catalog = try folder.open()
        _ = try await catalog.enqueue(newJob())
        let job = try #require(try await catalog.claimJob(owner: "first", heartbeat: 0))
        _ = try await catalog.beginRun(
            job: job.id, epoch: job.epoch, folder: "f", samples: "s", threads: 2)
        for step in [100, 200, 300] {
            _ = try await catalog.recordCheckpoint(
                job: job.id, epoch: job.epoch, step: step, path: "c\(step)", sha256: "\(step)")
        }
        let after = try crashed(folder).open()
        #expect(try await after.requeueForeignJobs(owner: "second").map(\.state) == [.queued])
        let again = try #require(try await after.claimJob(owner: "second", heartbeat: 0))
        #expect(again.attempts == 0)
        #expect(try await after.checkpoints(ofJob: job.id).map(\.step) == [300, 200])
        let run = try await after.beginRun(
            job: job.id, epoch: again.epoch, folder: "x", samples: "x", threads: 9)
        #expect(run?.threads == 2 && run?.samples == "s")
        #expect(try await after.runs(ofJob: job.id).map(\.outcome) == ["interrupted", nil])
        try after.close()
        try catalog.close()
    }

    @Test func aTornLogLosesNoEarlierCommit() async throws {
        let folder = try StateFolder()
        let catalog = try folder.open()
        for number in 1...5 { _ = try await catalog.enqueue(newJob("job-\(number)")) }
        let sound = try crashed(folder)
        let log = "\(sound.path)/catalog.sqlite-wal"
        let whole = try #require(FileManager.default.contents(atPath: log))
        _ = try await catalog.enqueue(newJob("job-6"))
        let torn = try crashed(folder)
        var bytes = try #require(
            FileManager.default.contents(atPath: "\(torn.path)/catalog.sqlite-wal"))
        // The last commit reached the disk only in part.
        bytes.removeLast((bytes.count - whole.count) / 2 + 1)
        try bytes.write(to: URL(fileURLWithPath: "\(torn.path)/catalog.sqlite-wal"))
        let after = try torn.open()
        #expect(try await after.jobs().count == 5)
        try after.close()
        try catalog.close()
    }

    @Test func aLaterSchemaIsRefused() async throws {
        let folder = try StateFolder()
        try folder.open().close()
        let path = "\(folder.path)/catalog.sqlite"
        // What a later version would leave: a migration that this one has never heard of. The name is
        // as long as the known one, so that it can be changed in place.
        var bytes = try #require(FileManager.default.contents(atPath: path))
        var changed = 0
        while let place = bytes.range(
            of: Data("001".utf8), in: (bytes.startIndex + 4096)..<bytes.endIndex)
        {
            bytes.replaceSubrange(place, with: Data("999".utf8))
            changed += 1
        }
        #expect(changed > 0)
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: CatalogError.self) { try folder.open() }
        #expect(error?.code == .newerSchema)
    }
}
