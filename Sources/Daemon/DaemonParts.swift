import Catalog
import ControlProtocol
import Foundation
import Logging
import Watching

/// Distributes events.
struct EventPart: DaemonPart {
    let services: DaemonServices
    let heartbeat: Duration

    func run() async throws {
        try await services.events.run(heartbeat: heartbeat)
    }
}

/// Answers at the socket.
struct SocketPart: DaemonPart {
    let server: ControlServer
    let ready: @Sendable () -> Void

    func run() async throws {
        try await server.run(ready: ready)
    }
}

/// Inspects new files.
struct InspectionPart: DaemonPart {
    let services: DaemonServices

    func run() async throws {
        await services.inspection.run()
    }
}

/// Surveys new data sets.
struct SurveyPart: DaemonPart {
    let services: DaemonServices

    func run() async throws {
        await services.surveys.run()
    }
}

/// Watches the data sets' folders.
struct WatchingPart: DaemonPart {
    let services: DaemonServices

    func run() async throws {
        try await services.watching.start()
        // Until it is cancelled; the scans that run then still end in order.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        await Task { await services.watching.stop() }.value
    }
}

/// Feeds the service manager's watchdog.
struct WatchdogPart: DaemonPart {
    let watchdog: Watchdog

    func run() async throws {
        try await watchdog.run()
    }
}

/// Runs jobs; on shutdown the first to be told, and the one that takes time.
struct SchedulerPart: DaemonPart {
    let services: DaemonServices
    let notifier: ServiceNotifier
    let grace: Duration

    func run() async throws {
        await services.scheduler.run(with: services)
    }

    func shutDown() async -> Bool {
        notifier.stopping("writing checkpoints")
        notifier.extendTimeout(by: grace + .seconds(30))
        services.logger.notice("stopping: running jobs write their checkpoints")
        services.scheduler.drain()
        return true
    }
}

/// What has to be done once an hour.
struct HousekeepingPart: DaemonPart {
    let services: DaemonServices

    func run() async throws {
        _ = try? await services.catalog.append(
            event: "daemon.started", subject: "daemon",
            payload: ["version": ProductVersion.current])
        while true {
            try await Task.sleep(for: .seconds(3_600))
            do {
                try await services.catalog.pruneEvents()
                try await services.catalog.pruneIdempotencyKeys()
                try await services.catalog.backUp()
            } catch is CancellationError {
                return
            } catch {
                services.logger.error(
                    "hourly housekeeping failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
