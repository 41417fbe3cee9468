import Logging

/// Feeds the service manager's watchdog at half its interval while every part of the daemon ticks.
struct Watchdog: Sendable {
    let notifier: ServiceNotifier
    let liveness: Liveness
    let logger: Logger
    /// Makes the parts that do not tick by themselves do so now.
    let probe: @Sendable () async -> Void

    func run() async throws {
        guard let interval = notifier.watchdogInterval else { return }
        var isBehind = false
        while true {
            await probe()
            try await Task.sleep(for: interval / 2)
            let silent = liveness.takeSilent()
            if silent.isEmpty {
                notifier.watchdog()
                if isBehind { logger.notice("every part of the daemon moves again") }
                isBehind = false
            } else {
                // The next half interval is the last chance before the service manager acts.
                isBehind = true
                let names = silent.map(\.rawValue).joined(separator: ", ")
                logger.error("no sign of life", metadata: ["parts": "\(names)"])
            }
        }
    }
}
