import Catalog
import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("Jobs and their workers", .serialized, .timeLimit(.minutes(3)))
struct JobTests {
    @Test("a job runs, its model is registered, its figures are kept")
    func success() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k", stems: ["a", "b", "c"])
            let queued = try await daemon.enqueue("kitchen-depth")
            #expect(queued.id == "j1")
            let job = try await daemon.wait("j1", until: .succeeded)
            #expect(job.model == "kitchen-depth")
            #expect(job.metrics["accuracy"] == 0.75)
            #expect(job.metrics["student.accuracy"] == 0.75)
            #expect(job.recipe?.contains("kind = \"train\"") == true)
            #expect(job.progress?.losses["total"] == 2.5)

            let model = try await daemon.client.send(ShowModel("kitchen-depth")).model
            #expect(model.job == "j1")
            #expect(model.formats == ["onnx", "safetensors"])
            let document = try String(
                contentsOfFile: "\(daemon.state)/models/kitchen-depth/model.json", encoding: .utf8)
            #expect(document.contains("kitchen-depth"))

            let run = try #require(job.runFolder)
            let list = try String(contentsOfFile: "\(run)/samples.jsonl", encoding: .utf8)
            let records = try list.split(separator: "\n").map {
                try ControlJSON.decode(SampleRecord.self, from: Data($0.utf8))
            }
            #expect(records.map(\.key) == ["a", "b", "c"])
            #expect(records[0].files["depth"]?.path == "depth/a.png")

            let log = Collected()
            try await daemon.client.lines(ReadJobLog("j1")) { log.add($0) }
            #expect(log.lines.contains("output of the worker"))
            #expect(log.lines.contains { $0.hasSuffix("info: a line") })
            let metrics = Collected()
            try await daemon.client.lines(ReadJobMetrics("j1", lines: 2)) { metrics.add($0) }
            #expect(metrics.lines == [#"{"loss":2}"#, #"{"loss":3}"#])

            // The same recipe again: the name is taken, so the model gets a number.
            _ = try await daemon.enqueue("kitchen-depth")
            #expect(try await daemon.wait("j2", until: .succeeded).model == "kitchen-depth-2")
        }
    }

    @Test("a worker gets a cleared environment")
    func environment() async throws {
        try await withDaemon(environment: ["OMP_NUM_THREADS": "2", "NOTIFY_SOCKET": ""]) {
            daemon in
            try await daemon.addDataset("k")
            _ = try await daemon.enqueue()
            try await daemon.wait("j1", until: .succeeded)
            let environment = try String(
                contentsOfFile: "\(daemon.folder)/environment", encoding: .utf8)
            #expect(environment.contains("OMP_NUM_THREADS=2"))
            #expect(!environment.contains("SECRET"))
            #expect(!environment.contains("NOTIFY_SOCKET"))
        }
    }

    @Test("a crash is retried after a while")
    func crash() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("crash")
            _ = try await daemon.enqueue()
            let job = try await daemon.wait("j1", until: .succeeded)
            #expect(job.attempts == 1)
            #expect(daemon.assignments("train").count == 2)
        }
    }

    @Test("the sample that brought a job down is found, quarantined and left out")
    func poison() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k", stems: ["a", "b", "poison"])
            _ = try await daemon.enqueue()
            let job = try await daemon.wait("j1", until: .succeeded)
            #expect(job.attempts == 0)
            let list = try String(
                contentsOfFile: #require(job.runFolder) + "/samples.jsonl", encoding: .utf8)
            #expect(list.split(separator: "\n").count == 2)
            #expect(!list.contains("poison"))
            let quarantined = try await daemon.client.send(
                ListSamples(dataset: "k", state: "quarantined")
            ).samples
            #expect(quarantined.map(\.key) == ["poison"])
            #expect(quarantined.first?.code == "file.kills_decoder")
        }
    }

    @Test("a configuration error fails at once, a full disk waits for a person")
    func failures() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("fail")
            _ = try await daemon.enqueue()
            let failed = try await daemon.wait("j1", until: .failed)
            #expect(failed.error?.code == "recipe.wrong")
            #expect(daemon.assignments("train").count == 1)
            daemon.play("fail", false)
            daemon.play("full")
            _ = try await daemon.enqueue()
            let paused = try await daemon.wait("j2", until: .paused)
            #expect(paused.error?.code == "disk.full")
            #expect(paused.error?.hint == "free some")
            daemon.play("full", false)
            _ = try await daemon.client.send(ChangeJob("j2", .resume))
            try await daemon.wait("j2", until: .succeeded)
            _ = try await daemon.client.send(ChangeJob("j1", .retry))
            try await daemon.wait("j1", until: .succeeded)
        }
    }

    @Test("a worker that says nothing, or nonsense, is killed")
    func silence() async throws {
        try await withDaemon(.timing(\.silence, .seconds(1))) { daemon in
            try await daemon.addDataset("k")
            daemon.play("hang")
            _ = try await daemon.enqueue()
            try await eventually("the silent worker is given up") {
                try await daemon.job("j1").error?.code == "worker.silent"
            }
            daemon.play("hang", false)
            daemon.play("garble")
            _ = try await daemon.enqueue()
            try await eventually("the garbling worker is given up") {
                try await daemon.job("j2").error?.message.contains("nonsense") == true
            }
            daemon.play("garble", false)
            try await daemon.wait("j1", until: .succeeded)
            try await daemon.wait("j2", until: .succeeded)
        }
    }

    @Test("a running job is paused at a checkpoint, resumed from it, and cancelled")
    func changes() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("wait")
            _ = try await daemon.enqueue()
            try await eventually("the worker is there") {
                try await daemon.job("j1").progress != nil
            }
            #expect(try await daemon.job("j1").workerPID != nil)
            _ = try await daemon.client.send(ChangeJob("j1", .pause))
            try await daemon.wait("j1", until: .paused)
            _ = try await daemon.client.send(ChangeJob("j1", .resume))
            try await eventually("a second worker has the checkpoint") {
                daemon.assignments("train").last?.contains("checkpoints/1") == true
            }
            _ = try await daemon.client.send(ChangeJob("j1", .cancel))
            let cancelled = try await daemon.wait("j1", until: .cancelled)
            #expect(cancelled.finished != nil)
            let run = try #require(cancelled.runFolder)
            try await eventually("nobody needs its checkpoint any more") {
                !FileManager.default.fileExists(atPath: "\(run)/checkpoints/1")
            }
            #expect(FileManager.default.fileExists(atPath: "\(run)/samples.jsonl"))
            await #expect(throws: ControlError.self) {
                try await daemon.client.send(ChangeJob("j1", .pause))
            }
        }
    }

    @Test("a wish is heard whenever it comes, also while the job is being claimed")
    func earlyWishes() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("wait")
            for round in 0..<12 {
                let job = try await daemon.enqueue("round-\(round)")
                try await Task.sleep(for: .milliseconds(round))
                _ = try await daemon.client.send(ChangeJob(job.id, .cancel))
                try await daemon.wait(job.id, until: .cancelled)
            }
        }
    }

    @Test("a job keeps the manifest that it began with")
    func manifest() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("wait")
            _ = try await daemon.enqueue()
            try await eventually("the worker is there") {
                try await daemon.job("j1").progress != nil
            }
            _ = try await daemon.client.send(ChangeJob("j1", .pause))
            let run = try #require(try await daemon.wait("j1", until: .paused).runFolder)
            let path = "\(daemon.folder)/k/dataset.toml"
            let before = try String(contentsOfFile: path, encoding: .utf8)
            try before.replacingOccurrences(of: "0.001", with: "0.002").write(
                toFile: path, atomically: true, encoding: .utf8)
            _ = try await daemon.client.send(RescanDataset("k"))
            daemon.play("wait", false)
            _ = try await daemon.client.send(ChangeJob("j1", .resume))
            try await daemon.wait("j1", until: .succeeded)
            let kept = try String(contentsOfFile: "\(run)/manifest.toml", encoding: .utf8)
            #expect(kept.contains("0.001"))
            let last = try #require(daemon.assignments("train").last)
            #expect(last.contains("0.001") && !last.contains("0.002"))
            _ = try await daemon.enqueue("later")
            try await daemon.wait("j2", until: .succeeded)
            #expect(daemon.assignments("train").last?.contains("0.002") == true)
        }
    }

    @Test("a file that cannot be read is quarantined, but not when its folder has gone")
    func absence() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            for behaviour in ["wait", "unreadable", "away"] { daemon.play(behaviour) }
            _ = try await daemon.enqueue()
            func quarantined() async throws -> [String] {
                try await daemon.client.send(ListSamples(dataset: "k", state: "quarantined"))
                    .samples.map(\.key)
            }
            func reported(_ job: String) async throws {
                try await eventually("the worker has reported") {
                    try await daemon.job(job).progress?.step == 2
                }
            }
            try await reported("j1")
            #expect(try await quarantined() == [])
            let root = "\(daemon.folder)/k"
            try FileManager.default.moveItem(atPath: "\(root).away", toPath: root)
            _ = try await daemon.client.send(ChangeJob("j1", .cancel))
            try await daemon.wait("j1", until: .cancelled)
            _ = try await daemon.client.send(RescanDataset("k"))
            #expect(try await quarantined() == [])

            daemon.play("away", false)
            _ = try await daemon.enqueue()
            try await reported("j2")
            #expect(try await quarantined() == ["a"])
            _ = try await daemon.client.send(ChangeJob("j2", .cancel))
            try await daemon.wait("j2", until: .cancelled)
        }
    }

    @Test("stopping the daemon checkpoints its job, and the next one goes on from there")
    func restart() async throws {
        let first = try await TestDaemon()
        try await first.addDataset("k")
        first.play("wait")
        _ = try await first.enqueue()
        try await eventually("the worker is there") {
            try await first.job("j1").progress != nil
        }
        try await first.stop()
        first.play("wait", false)
        let second = try await TestDaemon(folder: first.folder)
        try await second.wait("j1", until: .succeeded)
        #expect(second.assignments("train").count == 2)
        #expect(second.assignments("train").last?.contains("checkpoints/1") == true)
        try await second.finish()
    }

    @Test("a worker whose lease was taken ends, and its results do not count")
    func fencing() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            daemon.play("wait")
            _ = try await daemon.enqueue()
            try await eventually("the worker is there") {
                try await daemon.job("j1").progress != nil
            }
            let pid = try await daemon.job("j1").workerPID
            daemon.play("wait", false)
            // Somebody else takes the job away behind the daemon's back.
            let other = try Catalog.open(folder: daemon.state)
            #expect(try await other.requeueForeignJobs(owner: "another").count == 1)
            let job = try await daemon.wait("j1", until: .succeeded)
            #expect(job.workerPID != pid)
            #expect(job.attempts == 0)
            #expect(daemon.assignments("train").count == 2)
            #expect(try await daemon.client.send(ListModels()).models.count == 1)
        }
    }

    @Test("one key makes one job, however often and at once it is sent")
    func idempotency() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k")
            let ids = try await withThrowingTaskGroup(of: String.self) { tasks in
                for _ in 0..<10 {
                    tasks.addTask { try await daemon.enqueue(key: "key-1").id }
                }
                return try await tasks.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids == ["j1"])
            do {
                _ = try await daemon.enqueue("another", key: "key-1")
                Issue.record("another body with the same key was taken")
            } catch let error as ControlError {
                #expect(error.code == "idempotency.mismatch")
                #expect(error.httpStatus == 422)
                #expect(error.exitStatus == .conflict)
            }
            _ = try await daemon.enqueue(key: "key-2")
            #expect(try await daemon.client.send(ListJobs()).jobs.count == 2)
        }
    }

    @Test("what a recipe names has to be there")
    func names() async throws {
        try await withDaemon { daemon in
            do {
                _ = try await daemon.enqueue()
                Issue.record("a job without its data set was taken")
            } catch let error as ControlError {
                #expect(error.code == "dataset.not_found")
                #expect(error.exitStatus == .notFound)
            }
            try await daemon.addDataset("k")
            let recipe: [String: JSONValue] = [
                "name": .string("d"), "kind": .string("distill"),
                "dataset": .object(["name": .string("k")]),
                "teacher": .object(["model": .string("nobody")]),
                "student": .object(["architecture": .string("residual-small")]),
            ]
            do {
                _ = try await daemon.client.send(EnqueueJob(recipe: .object(recipe)))
                Issue.record("a job without its teacher was taken")
            } catch let error as ControlError {
                #expect(error.code == "model.not_found")
            }
        }
    }
}

/// Lines gathered from a stream.
final class Collected: Sendable {
    private let storage = Locked<[String]>([])

    var lines: [String] { storage.value }
    func add(_ line: String) { storage.change { $0.append(line) } }
}
