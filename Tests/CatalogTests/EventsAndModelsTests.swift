import Catalog
import Synchronization
import Testing

@Suite struct EventsAndModelsTests {
    @Test func eventsComeInOrderAndByType() async throws {
        let catalog = try StateFolder().open()
        let heard = Mutex<[Int64]>([])
        let token = catalog.listen { seq in heard.withLock { $0.append(seq) } }
        let dataset = try await catalog.addPairs()
        _ = try await catalog.enqueue(newJob())
        _ = try await catalog.claimJob(owner: "me", heartbeat: 0)
        catalog.stopListening(token)
        _ = try await catalog.append(
            event: "daemon.reloaded", subject: "daemon", payload: ["by": "SIGHUP"])
        let page = try await catalog.events(after: 0)
        #expect(page.events.map(\.seq) == [1, 2, 3, 4])
        #expect(
            page.events.map(\.type) == [
                "dataset.added", "job.state", "job.state", "daemon.reloaded",
            ])
        #expect(page.events[0].id == dataset.id)
        #expect(page.events[3].payload == #"{"by":"SIGHUP"}"#)
        #expect(page.gapUntil == nil && page.last == 4)
        #expect(heard.withLock { $0 } == [1, 2, 3])
        #expect(try await catalog.events(after: 2, types: ["job"]).events.map(\.seq) == [3])
        #expect(
            try await catalog.events(after: 0, types: ["job.state", "daemon.reloaded"], limit: 2)
                .events.map(\.seq) == [2, 3])
        try catalog.close()
    }

    @Test func aFailedTransactionTellsNobody() async throws {
        let catalog = try StateFolder().open()
        _ = try await catalog.addPairs()
        let last = try await catalog.lastEvent()
        await #expect(throws: CatalogError.self) { try await catalog.addPairs() }
        #expect(try await catalog.lastEvent() == last)
        try catalog.close()
    }

    @Test func prunedEventsLeaveAGap() async throws {
        let clock = TestClock()
        let catalog = try StateFolder().open(clock: clock)
        for _ in 0..<5 { try await catalog.append(event: "x.y", subject: "daemon") }
        clock.advance(seconds: 20 * 86_400)
        for _ in 0..<5 { try await catalog.append(event: "x.y", subject: "daemon") }
        #expect(try await catalog.pruneEvents() == 5)
        #expect(try await catalog.pruneEvents() == 0)
        var page = try await catalog.events(after: 3)
        #expect(page.gapUntil == 6 && page.events.first?.seq == 6)
        #expect(try await catalog.events(after: 5).gapUntil == nil)
        #expect(try await catalog.pruneEvents(rows: 2) == 3)
        #expect(try await catalog.pruneEvents(rows: 0) == 2)
        page = try await catalog.events(after: 3)
        #expect(page.gapUntil == 11 && page.events.isEmpty && page.last == 10)
        // Numbers are never used twice.
        #expect(try await catalog.append(event: "x.y", subject: "daemon") == 11)
        try catalog.close()
    }

    @Test func namesAreTakenOnce() async throws {
        let catalog = try StateFolder().open()
        let model = NewModel(
            name: "resnet", folder: "/m/1", kind: "imported", modality: "rgb",
            architecture: "resnet18", digest: "abc", summary: #"{"classes":5}"#)
        let added = try await catalog.add(model)
        #expect(try await catalog.model("resnet") == added)
        #expect(try await catalog.model("\(added.id)") == added)
        let error = await #expect(throws: CatalogError.self) { try await catalog.add(model) }
        #expect(error?.code == .conflict)
        #expect(try await catalog.freeModelName("resnet") == "resnet-2")
        #expect(try await catalog.hasModel(named: "resnet"))

        try await catalog.setMetrics(
            ["accuracy": 0.5, "loss": .infinity], of: .model, id: added.id)
        try await catalog.setMetrics(["accuracy": 0.75], of: .model, id: added.id)
        #expect(try await catalog.metrics(of: .model, id: added.id) == ["accuracy": 0.75])
        #expect(try await catalog.metrics(of: .job, id: added.id).isEmpty)
        #expect(try await catalog.removeModel("resnet") == added)
        #expect(try await catalog.metrics(of: .model, id: added.id).isEmpty)
        try catalog.close()
    }

    @Test func datasetsAreForgottenButNotWhileNeeded() async throws {
        let catalog = try StateFolder().open()
        let dataset = try await catalog.addPairs()
        _ = try await catalog.applyScan(ofDataset: dataset.id, findings: [pair("a", 1)])
        _ = try await catalog.enqueue(newJob())
        let error = await #expect(throws: CatalogError.self) {
            try await catalog.removeDataset("kitchen")
        }
        #expect(error?.code == .conflict)
        _ = try await catalog.cancel(job: "job")
        _ = try await catalog.removeDataset("kitchen")
        #expect(try await catalog.datasets().isEmpty)
        #expect(try await catalog.counts(ofDataset: dataset.id).files == 0)
        #expect(try await catalog.isIgnored(root: dataset.root) == false)

        let found = try await catalog.add(
            NewDataset(
                name: "found", root: "/r", layout: "stem", manifest: "", modalities: ["rgb"],
                origin: .discovered))
        _ = try await catalog.removeDataset("found")
        #expect(try await catalog.isIgnored(root: found.root))
        try catalog.close()
    }

    @Test func offlineKeepsTheSamples() async throws {
        let catalog = try StateFolder().open()
        let dataset = try await catalog.addPairs()
        _ = try await catalog.applyScan(ofDataset: dataset.id, findings: [pair("a", 1)])
        try await catalog.setState(
            .offline, problems: [CatalogProblem(code: "root.missing", message: "gone")],
            ofDataset: dataset.id)
        #expect(try await catalog.dataset("kitchen").state == .offline)
        #expect(try await catalog.counts(ofDataset: dataset.id).paired == 1)
        _ = try await catalog.applyScan(ofDataset: dataset.id, findings: [pair("a", 1)])
        #expect(try await catalog.dataset("kitchen").state == .online)
        #expect(try await catalog.dataset("kitchen").problems.isEmpty)
        try catalog.close()
    }
}
