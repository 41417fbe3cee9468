import Catalog
import ControlProtocol
import Foundation
import Logging
import ServiceLifecycle
import Watching

/// Distributes events.
struct EventPart: Service {
    let services: DaemonServices
    let heartbeat: Duration

    func run() async throws {
        try await untilShutdown { try await services.events.run(heartbeat: heartbeat) }
    }
}

/// Answers at the socket.
struct SocketPart: Service {
    let server: ControlServer
    let ready: @Sendable () -> Void

    func run() async throws {
        try await untilShutdown { try await server.run(ready: ready) }
    }
}

/// Inspects new files.
struct InspectionPart: Service {
    let services: DaemonServices

    func run() async throws {
        try await untilShutdown { await services.inspection.run() }
    }
}

/// Watches the data sets' folders.
struct WatchingPart: Service {
    let services: DaemonServices

    func run() async throws {
        try await services.watching.start()
        await untilShutdownBegins()
        await services.watching.stop()
    }
}

/// Feeds the service manager's watchdog.
struct WatchdogPart: Service {
    let watchdog: Watchdog

    func run() async throws {
        try await untilShutdown { try await watchdog.run() }
    }
}

/// Runs jobs; on shutdown the first to be told, and the one that takes time.
struct SchedulerPart: Service {
    let services: DaemonServices
    let notifier: ServiceNotifier
    let grace: Duration

    func run() async throws {
        await withGracefulShutdownHandler {
            await services.scheduler.run(with: services)
        } onGracefulShutdown: {
            notifier.stopping("writing checkpoints")
            notifier.extendTimeout(by: grace + .seconds(30))
            services.logger.notice("stopping: running jobs write their checkpoints")
            services.scheduler.drain()
        }
    }
}

/// What has to be done once an hour.
struct HousekeepingPart: Service {
    let services: DaemonServices

    func run() async throws {
        try await untilShutdown {
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
}

/// Runs `body` until it returns or shutdown begins; being cut short then is no failure.
private func untilShutdown(_ body: @escaping @Sendable () async throws -> Void) async throws {
    do {
        try await cancelWhenGracefulShutdown { try await body() }
    } catch is CancellationError {
    }
}

/// Returns when shutdown begins, or the task is cancelled.
private func untilShutdownBegins() async {
    let wake = Wake()
    await withTaskCancellationHandler {
        await withGracefulShutdownHandler {
            for await _ in wake.rings { return }
        } onGracefulShutdown: {
            wake.ring()
        }
    } onCancel: {
        wake.end()
    }
}
