import Catalog
import Configuration
import ControlClient
import ControlProtocol
import Daemon
import Foundation
import Testing

/// A daemon in this process, with a folder, a socket and a stand-in worker of its own.
final class TestDaemon: Sendable {
    let folder: String
    let client: ControlClient
    private let daemon: Daemon
    private let running: Task<Void, any Error>

    var socket: String { "\(folder)/d.sock" }
    var state: String { "\(folder)/state" }

    /// Starts a daemon in a new folder, or again in that of an earlier one.
    init(
        folder: String? = nil, environment: [String: String] = [:],
        _ adjustment: Adjustment = .none
    ) async throws {
        self.folder = try folder ?? TestDaemon.newFolder()
        let home = self.folder
        daemon = try await Daemon.open(
            TestDaemon.options(folder: home, environment: environment, adjustment))
        client = try ControlClient(socketPath: daemon.socketPath)
        running = Task { [daemon] in try await daemon.run() }
        try await eventually("the daemon answers") {
            (try? await self.client.send(GetVersion())) != nil
        }
    }

    static func newFolder() throws -> String {
        let folder =
            FileManager.default.temporaryDirectory.path
            + "/distilld-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        return folder
    }

    static func options(
        folder: String, environment: [String: String] = [:],
        _ adjustment: Adjustment = .none
    ) throws -> Daemon.Options {
        let variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            "SECRET": "nobody's business",
        ].merging(environment) { $1 }
        let surroundings = Surroundings(
            environment: variables, isRoot: false, currentFolder: folder, executable: nil)
        let load: @Sendable () throws -> DaemonSettings = {
            let file = "\(folder)/distilld.toml"
            return try DaemonSettings.load(
                configuration: FileManager.default.fileExists(atPath: file) ? file : nil,
                overrides: .init(
                    socket: "\(folder)/d.sock", state: "\(folder)/state",
                    datasets: ["\(folder)/datasets"]), surroundings: surroundings)
        }
        var options = Daemon.Options(
            settings: SettingsHolder(try load(), load: load),
            logger: DaemonLog.start(level: .error, surroundings: surroundings),
            worker: WorkerProgram(
                path: try StandInWorker.install(in: folder), environment: variables),
            environment: variables)
        options.handlesSignals = false
        options.timing.heartbeat = .milliseconds(200)
        options.timing.grace = .seconds(10)
        adjustment.apply(&options)
        return options
    }

    /// Stops it in order and waits for the end.
    func stop() async throws {
        await daemon.stop()
        try await running.value
    }

    /// Stops it and removes its folder.
    func finish() async throws {
        try await stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func reload() async { await daemon.reload() }

    /// Makes the stand-in worker behave in a certain way from now on.
    func play(_ behaviour: String, _ isOn: Bool = true) {
        let path = "\(folder)/play-\(behaviour)"
        if isOn {
            makeFile(path, Data())
        } else {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// What workers of a role were assigned, in order.
    func assignments(_ role: String) -> [String] {
        let text = try? String(contentsOfFile: "\(folder)/assignments-\(role)", encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init)
    }

    // MARK: Data

    /// A folder with `rgb/` and `depth/` of equal stems; every file has four bytes.
    func makeDataset(_ name: String, stems: [String]) throws -> String {
        let root = "\(folder)/\(name)"
        let files = FileManager.default
        for modality in ["rgb", "depth"] {
            try files.createDirectory(
                atPath: "\(root)/\(modality)", withIntermediateDirectories: true)
            for stem in stems {
                let path = "\(root)/\(modality)/\(stem).png"
                makeFile(path, Data("data".utf8))
                // Long since settled.
                try files.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: path)
            }
        }
        let manifest = """
            layout = "stem"
            [rgb]
            path = "rgb"
            pattern = "*.png"
            [depth]
            path = "depth"
            pattern = "*.png"
            scale = 0.001
            """
        try manifest.write(toFile: "\(root)/dataset.toml", atomically: true, encoding: .utf8)
        return root
    }

    @discardableResult
    func addDataset(_ name: String, stems: [String] = ["a", "b"]) async throws -> DatasetSummary {
        let root = try makeDataset(name, stems: stems)
        return try await client.send(AddDataset(path: root, name: name)).dataset
    }

    static func recipe(_ name: String = "job", dataset: String = "k") -> RecipeSource {
        .toml(
            """
            name = "\(name)"
            kind = "train"
            [dataset]
            name = "\(dataset)"
            """)
    }

    func enqueue(_ name: String = "job", key: String? = nil) async throws -> JobSummary {
        try await client.send(
            EnqueueJob(recipe: TestDaemon.recipe(name), idempotencyKey: key)
        ).job
    }

    func job(_ id: String) async throws -> JobSummary {
        try await client.send(ShowJob(id)).job
    }

    /// Waits for a job to be in a state.
    @discardableResult
    func wait(_ id: String, until state: JobState) async throws -> JobSummary {
        try await eventually("\(id) is \(state.rawValue)") {
            try await self.job(id).state == state
        }
        return try await job(id)
    }
}

/// What a test changes of a daemon's options.
struct Adjustment {
    let apply: (inout Daemon.Options) -> Void

    static var none: Adjustment { Adjustment { _ in } }

    static func limit<Value>(
        _ limit: WritableKeyPath<ServerLimits, Value>, _ value: Value
    ) -> Adjustment {
        Adjustment { $0.limits[keyPath: limit] = value }
    }

    static func timing<Value>(
        _ time: WritableKeyPath<SchedulerTiming, Value>, _ value: Value
    ) -> Adjustment {
        Adjustment { $0.timing[keyPath: time] = value }
    }
}

/// Waits until something is so; fails the test after a generous while.
func eventually(
    _ what: String, within limit: Duration = .seconds(40),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await condition() { return }
        if ContinuousClock.now > deadline {
            Issue.record("still not so: \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(25))
    }
}

/// Runs `body` with a daemon and stops it afterwards, whatever happens.
func withDaemon(
    _ adjustment: Adjustment = .none, environment: [String: String] = [:],
    _ body: (TestDaemon) async throws -> Void
) async throws {
    let daemon = try await TestDaemon(environment: environment, adjustment)
    do {
        try await body(daemon)
    } catch {
        try? await daemon.finish()
        throw error
    }
    try await daemon.finish()
}

/// Writes a file as it is to be.
func makeFile(_ path: String, _ content: Data = Data()) {
    #expect(FileManager.default.createFile(atPath: path, contents: content))
}
