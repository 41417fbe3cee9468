import Configuration
import ControlClient
import ControlProtocol
import Foundation

/// A daemon that belongs to the demonstration.
final class DemoDaemon {
    let client: ControlClient
    private let process: Process
    private let log: String

    /// Starts distilld and waits until it answers.
    ///
    /// - Throws: `ControlError` when it is not installed, runs already or does not come up.
    static func start(_ setting: DemoSetting) async throws -> DemoDaemon {
        let program = try located()
        let client = try ControlClient(socketPath: socket(setting))
        if let version = try? await client.send(GetVersion()) {
            throw ControlError(
                "daemon.exists",
                "distilld \(version.version) runs on \(setting.folder) already",
                hint: "end it, or choose another --folder")
        }
        let log = "\(setting.results)/distilld.log"
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let output = FileHandle(forWritingAtPath: log)
        else { throw ControlError("file.not_writable", "\(log) cannot be written") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--state", setting.folder, "--socket", client.socketPath, "--datasets",
            setting.datasets,
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let daemon = DemoDaemon(client: client, process: process, log: log)
        try await daemon.waitUntilReady()
        return daemon
    }

    private init(client: ControlClient, process: Process, log: String) {
        self.client = client
        self.process = process
        self.log = log
    }

    var processIdentifier: Int32 { process.processIdentifier }

    /// `distilld` beside this program.
    private static func located() throws -> String {
        let executable = Surroundings.current.executable ?? CommandLine.arguments[0]
        let path = URL(fileURLWithPath: executable).deletingLastPathComponent()
            .appending(path: "distilld").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ControlError(
                "daemon.missing", "there is no distilld at \(path)",
                hint: "build it, or install distilld again")
        }
        return path
    }

    /// In the state folder, unless that lies too deep for a socket's address.
    private static func socket(_ setting: DemoSetting) -> String {
        let path = "\(setting.folder)/distilld.sock"
        return path.utf8.count <= SocketDiscovery.longestPath
            ? path : "\(NSTemporaryDirectory())distilld-demo-\(getuid()).sock"
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if (try? await client.send(GetVersion())) != nil { return }
            guard process.isRunning, ContinuousClock.now < deadline else {
                stop()
                throw ControlError(
                    "daemon.unreachable", "distilld did not come up",
                    hint: "its log, \(log), ends:\n\(tail)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private var tail: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    func stop() { DemoDaemon.stop(process.processIdentifier) }

    /// Asks a daemon to end, and ends it by force if it has not after 30 seconds.
    static func stop(_ pid: Int32) {
        guard pid > 0, kill(pid, SIGTERM) == 0 else { return }
        for _ in 0..<300 {
            usleep(100_000)
            // It ended, or whoever else waits for it knows so already.
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) != 0 { return }
        }
        kill(pid, SIGKILL)
    }
}
