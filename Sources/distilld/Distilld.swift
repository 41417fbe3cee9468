import ArgumentParser
import Configuration
import Daemon
import Foundation
import Logging

/// `distilld`: reads its settings, opens the daemon and runs it in the foreground.
@main
struct Distilld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distilld",
        abstract: "Turns folders of paired recordings into small models that need only depth.",
        discussion: """
            Runs in the foreground until SIGTERM or SIGINT; SIGHUP rereads the configuration. Under \
            systemd it reports its state, takes an activated socket and feeds the watchdog.

            Exit status: 0 stopped in order, 1 failed, 2 wrong usage or configuration.
            """,
        version: Daemon.version)

    @Option(help: "Read the settings from FILE (TOML).")
    var config: String?

    @Option(help: "Listen at PATH.")
    var socket: String?

    @Option(help: "Keep catalog, models and runs in FOLDER.")
    var state: String?

    @Option(help: "Look for data sets below FOLDER; may be given more than once.")
    var datasets: [String] = []

    func run() async throws {
        let surroundings = Surroundings.current
        let overrides = DaemonSettings.Overrides(
            socket: socket, state: state, datasets: datasets)
        let load: @Sendable () throws -> DaemonSettings = { [config] in
            try DaemonSettings.load(
                configuration: config, overrides: overrides, surroundings: surroundings)
        }
        let settings: DaemonSettings
        do {
            settings = try load()
        } catch {
            throw ending(error, status: 2)
        }
        let logger = DaemonLog.start(level: settings.logLevel, surroundings: surroundings)
        do {
            let daemon = try await Daemon.open(
                Daemon.Options(
                    settings: SettingsHolder(settings, load: load), logger: logger,
                    worker: WorkerProgram(
                        path: WorkerProgram.located(
                            executable: surroundings.executable ?? CommandLine.arguments[0]),
                        environment: surroundings.environment),
                    environment: surroundings.environment))
            try await daemon.run()
        } catch {
            throw ending(error, status: 1)
        }
    }

    /// Says what went wrong where people and the journal look for it.
    private func ending(_ error: any Error, status: Int32) -> ExitCode {
        DaemonLog.failed(error)
        return ExitCode(status)
    }
}
