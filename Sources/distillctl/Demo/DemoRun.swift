import Console
import ControlClient
import ControlProtocol
import Foundation

/// The demonstration from an empty folder to its report.
struct DemoRun {
    private let setting: DemoSetting
    private let start = ContinuousClock.now

    init(_ setting: DemoSetting) {
        self.setting = setting
    }

    private func say(_ text: String) { setting.terminal.write(text + "\n") }

    func run() async throws -> DemoReport {
        try makeFolder(setting.results)
        try makeFolder(setting.datasets)
        say(setting.terminal.styled("synthetic scenes", .bold))
        for dataset in DemoDataset.allCases { try dataset.prepare(setting) }
        let daemon = try await DemoDaemon.start(setting)
        let pid = daemon.processIdentifier
        let interruption = Interruption { DemoDaemon.stop(pid) }
        defer {
            if !setting.keepsRunning { daemon.stop() }
            interruption.end()
        }
        let results = try await measure(daemon.client)
        let report = DemoReport(
            setting: setting, results: results,
            seconds: (ContinuousClock.now - start).seconds, machine: .current)
        try write(report)
        say("")
        DemoTable(report).lines(setting.terminal).forEach(say)
        say("")
        say("\(setting.results)/report.html shows curves, pairs and confusions")
        if setting.keepsRunning {
            say(
                "distilld goes on as pid \(pid): distillctl --socket \(daemon.client.socketPath) status"
            )
        }
        return report
    }

    private func measure(_ client: ControlClient) async throws -> [DemoResult] {
        try await clear(client)
        say(setting.terminal.styled("data sets", .bold))
        for dataset in DemoDataset.allCases { try await index(dataset, client) }
        say(setting.terminal.styled("training", .bold))
        var models: [DemoArm: String] = [:]
        var results: [DemoResult] = []
        for arm in DemoArm.allCases {
            let result = try await DemoTrial(client: client, setting: setting, arm: arm)
                .run(teacher: arm.taughtBy.flatMap { models[$0] })
            models[arm] = result.model
            results.append(result)
            say(DemoTable.progress(result, setting.terminal))
        }
        return results
    }

    /// Removes what an earlier demonstration left in the catalog.
    private func clear(_ client: ControlClient) async throws {
        let jobs = try await client.send(ListJobs()).jobs.filter {
            DemoArm(rawValue: $0.name) != nil && !$0.state.isFinal
        }
        for job in jobs {
            _ = try await client.send(ChangeJob(job.id, .cancel))
            _ = try await JobFollower(client: client).follow(job.id) { _ in }
        }
        // Students before their teachers.
        for model in try await client.send(ListModels()).models.reversed()
        where model.name.hasPrefix("demo-") {
            _ = try await client.send(RemoveModel(model.name))
        }
    }

    /// Waits until the daemon knows every pair.
    private func index(_ dataset: DemoDataset, _ client: ControlClient) async throws {
        let folder = dataset.folder(setting)
        let known = try await client.send(ListDatasets()).datasets
        if !known.contains(where: { $0.name == dataset.rawValue }) {
            do {
                _ = try await client.send(AddDataset(path: folder, name: dataset.rawValue))
            } catch let error as ControlError where error.code.hasSuffix(".exists") {
                // The daemon found the folder by itself in the meantime.
            }
        }
        _ = try await client.send(RescanDataset(dataset.rawValue))
        let display = LiveDisplay(setting.terminal)
        let (train, test) = dataset.pairs(setting)
        let deadline = ContinuousClock.now + .seconds(300)
        while true {
            let summary = try await client.send(ShowDataset(dataset.rawValue)).dataset
            let paired = summary.samples["paired"] ?? 0
            if paired == train + test, summary.state == "ready" {
                display.show([], plain: nil)
                say("\(dataset.rawValue): \(Phrases.counts(summary.splits)) pairs indexed")
                return
            }
            guard ContinuousClock.now < deadline, summary.state != "failed",
                summary.samples["quarantined"] ?? 0 == 0
            else {
                throw ControlError(
                    "demo.dataset",
                    "\(folder): expected \(train + test) pairs, found "
                        + Phrases.counts(summary.samples)
                        + (summary.reason.map { "; \($0)" } ?? ""),
                    hint: "its log: \(setting.results)/distilld.log")
            }
            let bar = ProgressBar(
                title: "indexing \(dataset.rawValue)",
                fraction: Double(paired) / Double(train + test))
            display.show(
                [
                    bar.line(
                        width: setting.terminal.size.columns - 1, colour: setting.terminal.colour)
                ],
                plain: nil)
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func write(_ report: DemoReport) throws {
        let json = try ControlJSON.encode(report.json, pretty: true)
        try save(json, "report.json")
        try save(Data(ReportPage(report).text.utf8), "report.html")
    }

    private func save(_ data: Data, _ name: String) throws {
        let path = "\(setting.results)/\(name)"
        do {
            try data.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ControlError(
                "file.not_writable", "\(path): \(error.localizedDescription)")
        }
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ControlError("file.not_writable", "\(path): \(error.localizedDescription)")
        }
    }
}
