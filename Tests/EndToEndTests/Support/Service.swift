import ControlClient
import ControlProtocol
import Foundation
import Testing

/// Why a test could not go on.
struct Surprise: Error, CustomStringConvertible {
    var description: String
}

/// A daemon on a state folder of its own, and the command line that speaks with it.
final class Service: Sendable {
    let folder: String
    let client: ControlClient
    let environment: [String: String]

    /// Lays out folders and plugins; starts nothing.
    init() throws {
        let files = FileManager.default
        folder = "\(NSTemporaryDirectory())distilld-e2e-\(UInt32.random(in: 0...UInt32.max))"
        for name in ["datasets", "plugins", "home"] {
            try files.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        for (name, source) in [("rgb", "RGB"), ("depth", "Depth")] {
            let home = "\(folder)/plugins/\(name)"
            try files.createDirectory(
                atPath: home, withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o755])
            for (from, to) in [
                ("\(Program.package)/Plugins/\(source)/plugin.toml", "plugin.toml"),
                (
                    "\(Program.folder)/libdistill-modality-\(name).so",
                    "libdistill-modality-\(name).so"
                ),
            ] {
                try files.copyItem(atPath: from, toPath: "\(home)/\(to)")
                try files.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: "\(home)/\(to)")
            }
        }
        client = try ControlClient(socketPath: "\(folder)/s.sock")
        var environment = ProcessInfo.processInfo.environment.filter {
            ["PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR"].contains($0.key)
        }
        environment["HOME"] = "\(folder)/home"
        environment["DISTILL_PLUGIN_PATH"] = "\(folder)/plugins"
        environment["DISTILL_SOCKET"] = client.socketPath
        self.environment = environment
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var datasets: String { "\(folder)/datasets" }
    var state: String { "\(folder)/state" }

    /// Starts distilld and waits until it answers.
    func start() async throws -> RunningProgram {
        let daemon = try RunningProgram(
            "distilld",
            ["--state", state, "--socket", client.socketPath, "--datasets", datasets],
            environment: environment)
        try await wait(for: "the daemon's answer") {
            guard isAlive(daemon.pid) else {
                throw Surprise(description: "distilld ended: \(daemon.errorsSoFar)")
            }
            return (try? await client.send(GetVersion())) != nil
        }
        return daemon
    }

    /// Runs `body` with a daemon that is ended behind it.
    static func with(_ body: (Service, RunningProgram) async throws -> Void) async throws {
        let service = try Service()
        let daemon = try await service.start()
        do {
            try await body(service, daemon)
        } catch {
            Issue.record("\(error); the daemon wrote:\n\(daemon.errorsSoFar.suffix(3000))")
        }
        kill(daemon.pid, SIGTERM)
        let ending = await daemon.ending()
        #expect(ending.status == 0 || ending.status == SIGKILL)
    }

    /// Runs distillctl.
    func ctl(_ arguments: String...) async throws -> Ending {
        try await Program.run("distillctl", arguments, environment: environment)
    }

    /// Runs distillctl with `-o json`, expects success and decodes what it prints.
    func json<Reply: Decodable>(_ type: Reply.Type, _ arguments: String...) async throws -> Reply {
        let ending = try await Program.run(
            "distillctl", arguments + ["-o", "json"], environment: environment)
        guard ending.status == 0 else {
            throw Surprise(
                description: "distillctl \(arguments.joined(separator: " ")) exited with "
                    + "\(ending.status): \(ending.errors)")
        }
        return try ControlJSON.decode(type, from: Data(ending.output.utf8))
    }

    /// Renders a small data set and registers it.
    @discardableResult
    func synthesize(_ name: String = "shapes", pairs: Int = 60) async throws -> String {
        let path = "\(datasets)/\(name)"
        let made = try await ctl(
            "datasets", "synthesize", path, "--pairs", "\(pairs)", "--size", "32", "--seed", "3",
            "--test", "\(pairs / 6)")
        guard made.status == 0 else { throw Surprise(description: made.errors) }
        // The daemon may have found the folder by itself.
        let added = try await ctl("datasets", "add", path, "--name", name)
        if added.status == 6 { _ = try await ctl("datasets", "rescan", name) }
        try await wait(for: "all pairs of \(name)") {
            try await client.send(ShowDataset(name)).dataset.samples["paired"] == pairs
        }
        return path
    }

    /// Writes a recipe for a small network; returns its path.
    func recipe(
        _ name: String, kind: String = "train", modality: String = "rgb", epochs: Int = 2,
        extra: String = ""
    ) throws -> String {
        let path = "\(folder)/\(name).toml"
        let text = """
            name = "\(name)"
            kind = "\(kind)"
            [dataset]
            name = "shapes"
            [student]
            modality = "\(modality)"
            size = 32
            [training]
            epochs = \(epochs)
            batch = 16
            views = 1
            checkpoint_every = 1
            \(extra)
            """
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Waits until a job trains and has a worker.
    func training(_ job: String) async throws -> JobSummary {
        var found: JobSummary?
        try await wait(for: "steps of \(job)") {
            let summary = try await client.send(ShowJob(job)).job
            if summary.state.isFinal {
                throw Surprise(description: "\(job) ended early: \(summary)")
            }
            if summary.phase == "training", summary.workerPID != nil,
                let progress = summary.progress, progress.epoch > 0, progress.step > 0
            {
                found = summary
            }
            return found != nil
        }
        guard let found else { throw Surprise(description: "\(job) never trained") }
        return found
    }

    /// Waits until nothing more happens to a job.
    func ended(_ job: String) async throws -> JobSummary {
        try await wait(for: "the end of \(job)", seconds: 180) {
            try await client.send(ShowJob(job)).job.state.isFinal
        }
        return try await client.send(ShowJob(job)).job
    }
}

/// Asks until the answer is yes.
func wait(
    for what: String, seconds: Double = 60, until condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw Surprise(description: "waited \(seconds) s in vain for \(what)")
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
