import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

@Suite("Inspection of files", .serialized, .timeLimit(.minutes(2)))
struct InspectionTests {
    private func item(_ id: Int64) -> InspectionPlan.Item {
        InspectAssignment.Item(id: id, modality: "rgb", path: "rgb/\(id).png")
    }

    private func name(_ id: Int64) -> InspectionPlan.FileName {
        InspectionPlan.FileName(sample: id, modality: "rgb")
    }

    @Test("the file that kills every worker is found and nothing else blamed")
    func blame() {
        for killer in Int64(0)..<37 {
            var plan = InspectionPlan((0..<37).map(item))
            var answered: Set<InspectionPlan.FileName> = []
            var guilty: [InspectionPlan.FileName] = []
            while let batch = plan.next() {
                var done: Set<InspectionPlan.FileName> = []
                var isDead = false
                for item in batch {
                    if item.id == killer {
                        isDead = true
                        break
                    }
                    done.insert(name(item.id))
                }
                answered.formUnion(done)
                guilty += plan.ended(batch, answered: done, crashed: isDead).guilty
            }
            #expect(guilty == [name(killer)])
            #expect(answered.count == 36)
            #expect(plan.workerDeaths == 2)
        }
    }

    @Test("a file that only kills together with another is not quarantined when it survives alone")
    func conspiracy() {
        var plan = InspectionPlan((0..<8).map(item))
        var answered: Set<InspectionPlan.FileName> = []
        var guilty: [InspectionPlan.FileName] = []
        while let batch = plan.next() {
            // Files 2 and 5 in one batch bring the worker down at 5.
            let ids = batch.map(\.id)
            let isDead = ids.contains(2) && ids.contains(5)
            let done = Set((isDead ? Array(ids.prefix { $0 != 5 }) : ids).map(name))
            answered.formUnion(done)
            guilty += plan.ended(batch, answered: done, crashed: isDead).guilty
        }
        #expect(guilty.isEmpty)
        #expect(answered.count == 8)
    }

    @Test("a worker that ends in order but skips a file is asked once more")
    func skipped() {
        var plan = InspectionPlan([item(1), item(2)])
        var rounds = 0
        var guilty: [InspectionPlan.FileName] = []
        while let batch = plan.next() {
            rounds += 1
            let done = Set(batch.filter { $0.id != 2 }.map { name($0.id) })
            guilty += plan.ended(batch, answered: done, crashed: false).guilty
        }
        #expect(guilty == [name(2)])
        #expect(rounds == 2)
    }

    @Test("broken files and files that kill are quarantined, the rest is paired")
    func quarantine() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k", stems: ["a", "b", "broken", "killer", "z"])
            try await eventually("everything was looked at") {
                let counts = try await daemon.client.send(ShowDataset("k")).dataset.samples
                return counts["quarantined"] == 2
            }
            let samples = try await daemon.client.send(
                ListSamples(dataset: "k", state: "quarantined")
            ).samples
            #expect(samples.map(\.key) == ["broken", "killer"])
            #expect(samples.map(\.code) == ["file.truncated", "file.kills_decoder"])
            #expect(samples[0].reason == "ends early")

            let broken = try await daemon.client.send(ShowSample(samples[0].id)).sample
            #expect(broken.files["depth"]?.path == "depth/broken.png")
            let retried = try await daemon.client.send(RetrySamples(samples.map(\.id)))
            #expect(retried.retried.count == 2)
            try await eventually("they are quarantined again") {
                try await daemon.client.send(ShowDataset("k")).dataset.samples["quarantined"] == 2
            }
            _ = try await daemon.enqueue()
            let job = try await daemon.wait("j1", until: .succeeded)
            let list = try String(
                contentsOfFile: #require(job.runFolder) + "/samples.jsonl", encoding: .utf8)
            #expect(list.split(separator: "\n").count == 3)
        }
    }

    @Test("a file that has gone is left to the next scan, one that is there is quarantined")
    func absent() async throws {
        try await withDaemon { daemon in
            daemon.play("absent")
            try await daemon.addDataset("k", stems: ["a", "absent", "b"])
            try await eventually("the scan dropped the sample and the others were looked at") {
                let dataset = try await daemon.client.send(ShowDataset("k")).dataset
                return dataset.samples["paired"] == 2 && dataset.samples["total"] == 2
                    && dataset.inspected == 4 && dataset.warnings.isEmpty
            }
            daemon.play("absent", false)
            _ = try daemon.makeDataset("k", stems: ["a", "absent", "b"])
            _ = try await daemon.client.send(RescanDataset("k"))
            try await eventually("the sample is quarantined") {
                try await daemon.client.send(ShowDataset("k")).dataset.samples["quarantined"] == 1
            }
        }
    }

    @Test("files that are never what the scan saw hold nothing up: the job fails and names them")
    func shifty() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k", stems: ["shifty"])
            _ = try await daemon.enqueue()
            let job = try await daemon.wait("j1", until: .failed)
            #expect(job.error?.message.contains("depth/shifty.png") == true, "\(job)")
            let warnings = try await daemon.client.send(ShowDataset("k")).dataset.warnings
            #expect(warnings.contains { $0.contains("depth/shifty.png") })
            // As often as it takes to be sure, and not once more.
            let looks = daemon.assignments("inspect").count
            try await Task.sleep(for: .milliseconds(500))
            #expect(looks <= 8 && daemon.assignments("inspect").count == looks)
        }
    }

    @Test("files that come while the daemon runs become pairs")
    func arrivals() async throws {
        try await withDaemon { daemon in
            try await daemon.addDataset("k", stems: ["a"])
            _ = try daemon.makeDataset("k", stems: ["a", "b", "c"])
            let rescanned = try await daemon.client.send(RescanDataset("k")).dataset
            #expect(rescanned.samples["paired"] == 3)
            #expect(rescanned.state == "ready")
            let removed = try await daemon.client.send(RemoveDataset("k"))
            #expect(removed.removed == "k")
            #expect(try await daemon.client.send(ListDatasets()).datasets.isEmpty)
        }
    }

    @Test("an inspection that takes long holds up neither answers nor a cancelled job nor the end")
    func slow() async throws {
        try await withDaemon { daemon in
            daemon.play("stall")
            let added = try await daemon.addDataset("k")
            #expect(added.samples["paired"] == 2)
            #expect(added.inspected == 0)
            _ = try await daemon.enqueue()
            try await daemon.wait("j1", until: .running)
            _ = try await daemon.client.send(ChangeJob("j1", .cancel))
            try await daemon.wait("j1", until: .cancelled)
            #expect(daemon.assignments("train").isEmpty)
        }
    }
}
