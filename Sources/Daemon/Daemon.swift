import Catalog
import Configuration
import ControlProtocol
import Foundation
package import Logging
import NIOCore
import NIOPosix
import Watching

/// The service as a whole: opens state and socket, then runs its parts until it is told to stop.
///
///     let daemon = try await Daemon.open(options)
///     try await daemon.run()
package final class Daemon: Sendable {
    /// What a daemon is started with.
    package struct Options: Sendable {
        package var settings: SettingsHolder
        package var logger: Logger
        package var worker: WorkerProgram
        package var environment: [String: String]
        package var limits = ServerLimits()
        package var timing = SchedulerTiming()
        package var authorisation = Authorisation.current
        /// Whether SIGTERM, SIGINT and SIGHUP are this daemon's: not in tests.
        package var handlesSignals = true

        package init(
            settings: SettingsHolder, logger: Logger, worker: WorkerProgram,
            environment: [String: String]
        ) {
            self.settings = settings
            self.logger = logger
            self.worker = worker
            self.environment = environment
        }
    }

    private let options: Options
    private let lock: StateLock
    private let services: DaemonServices
    private let notifier: ServiceNotifier
    private let group: MultiThreadedEventLoopGroup
    private let parts: PartGroup

    /// Takes the state folder, migrates the catalog and binds the socket; nothing is answered yet.
    ///
    /// - Throws: `ControlError` and `CatalogError`: another daemon, an unusable folder, a newer
    /// catalog.
    package static func open(_ options: Options) async throws -> Daemon {
        let settings = options.settings.current
        let notifier = ServiceNotifier(environment: options.environment)
        let state = StateFolder(path: settings.state)
        try state.prepare()
        let lock = try StateLock(state)
        notifier.extendTimeout(by: .seconds(600))
        notifier.status("opening the catalog")
        let catalog = try Catalog.open(folder: state.path)
        do {
            let socket = try ListeningSocket.open(
                path: settings.socket, environment: options.environment)
            state.clearIncoming()
            return try await Daemon(
                options: options, lock: lock, state: state, catalog: catalog, socket: socket,
                notifier: notifier)
        } catch {
            try? catalog.close()
            throw error
        }
    }

    private init(
        options: Options, lock: StateLock, state: StateFolder, catalog: Catalog,
        socket: ListeningSocket, notifier: ServiceNotifier
    ) async throws {
        self.options = options
        self.lock = lock
        self.notifier = notifier
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = options.logger
        let liveness = Liveness()
        let inspectionWake = Wake()
        let services = DaemonServices(
            logger: logger, state: state, catalog: catalog, settings: options.settings,
            authorisation: options.authorisation,
            worker: WorkerRun(
                program: options.worker, silence: options.timing.silence, logger: logger),
            watching: try WatchService(
                catalog: catalog, settings: Daemon.watching(options.settings.current),
                logger: logger, onChange: { _, _ in inspectionWake.ring() }),
            socket: socket, liveness: liveness, timing: options.timing,
            inspectionWake: inspectionWake)
        self.services = services
        // Shut down from the last to the first: the socket answers until the jobs are at rest.
        parts = PartGroup([
            EventPart(services: services, heartbeat: options.limits.heartbeat),
            SocketPart(
                server: ControlServer(
                    socket: socket, services: services, limits: options.limits, group: group),
                ready: { Daemon.announce(services, notifier) }),
            HousekeepingPart(services: services),
            WatchdogPart(
                watchdog: Watchdog(
                    notifier: notifier, liveness: liveness, logger: logger,
                    probes: [
                        { [group] in Daemon.probe(services, group) },
                        { await Daemon.probeWriter(services) },
                    ])),
            InspectionPart(services: services),
            SurveyPart(services: services),
            WatchingPart(services: services),
            SchedulerPart(services: services, notifier: notifier, grace: options.timing.grace),
        ])
        do {
            try await services.scheduler.recover()
            await services.removeCheckpoints()
            if catalog.recovery != .none { Daemon.tell(catalog.recovery, logger) }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Serves until `stop` or a signal; returns when every worker has come to rest.
    package func run() async throws {
        let signals = options.handlesSignals ? SignalHandling(daemon: self) : nil
        defer { signals?.cancel() }
        var failure: (any Error)?
        do {
            try await parts.run()
        } catch {
            failure = error
        }
        services.socket.removeFile()
        try? await group.shutdownGracefully()
        try services.catalog.close()
        lock.release()
        if let failure { throw failure }
        services.logger.notice("stopped")
    }

    /// Stops leasing, has workers write checkpoints, and ends `run`.
    package func stop() async {
        parts.shutDown()
    }

    /// Rereads the configuration, as SIGHUP does; what is wrong with it is logged.
    package func reload() async {
        _ = try? await services.reload()
    }

    package var socketPath: String { services.socket.path }

    /// What is watched, and which files can be whose by the plugins that are there at the start.
    private static func watching(_ settings: DaemonSettings) -> WatchSettings {
        var watching = WatchSettings(roots: settings.datasets)
        let plugins = PluginListing.list(folders: settings.pluginFolders)
        for plugin in plugins where plugin.state == "available" && !plugin.patterns.isEmpty {
            watching.formats.patterns[plugin.modality] = plugin.patterns
            watching.formats.options[plugin.modality] = plugin.options
            if plugin.intrinsics?.isEmpty == false {
                watching.formats.cameras.insert(plugin.modality)
            }
        }
        return watching
    }

    private static func announce(_ services: DaemonServices, _ notifier: ServiceNotifier) {
        notifier.ready("ready")
        services.logger.notice(
            "distilld \(ProductVersion.current) listens at \(services.socket.path)",
            metadata: ["state": "\(services.state.path)"])
    }

    private static func tell(_ recovery: CatalogRecovery, _ logger: Logger) {
        switch recovery {
        case .none: break
        case .checkedAfterCrash:
            logger.notice("the last run did not end in order; the catalog was checked and is whole")
        case .restoredBackup(let damaged):
            logger.error("the catalog was damaged; its backup took its place, see \(damaged)")
        case .startedEmpty(let damaged):
            logger.error("the catalog was damaged and begun anew, see \(damaged)")
        }
    }

    /// A single transaction may take so long: the scan of a very large data set on a slow disk.
    private static let longestTransaction = Duration.seconds(300)

    /// Has the parts that do not tick by themselves show that they move; waits for nothing.
    private static func probe(
        _ services: DaemonServices, _ group: MultiThreadedEventLoopGroup
    ) {
        let liveness = services.liveness
        group.next().execute { liveness.tick(.socket) }
        services.scheduler.ring()
        if ContinuousClock.now - services.watching.lastTick < .seconds(30) {
            liveness.tick(.watcher)
        }
        if let began = services.catalog.writingSince,
            ContinuousClock.now - began < longestTransaction
        {
            // The writer works, and the scheduler may have to wait for it.
            liveness.tick(.database)
            liveness.tick(.scheduler)
        }
    }

    /// Waits for the catalog's writer; a full disk is not for a restart to mend.
    private static func probeWriter(_ services: DaemonServices) async {
        do {
            try await services.catalog.tick()
        } catch let error as CatalogError where error.code == .diskFull {
        } catch {
            return
        }
        services.liveness.tick(.database)
    }
}
