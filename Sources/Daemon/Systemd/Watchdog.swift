import Logging

/// Feeds the service manager's watchdog at half its interval while every part of the daemon ticks.
///
/// Probes run beside the feeding, each at its own pace: one that has to wait delays neither the
/// others nor the feeding, and its part counts as silent only when its last tick is an interval old.
struct Watchdog: Sendable {
    let notifier: ServiceNotifier
    let liveness: Liveness
    let logger: Logger
    /// Each makes parts that do not tick by themselves do so now.
    let probes: [@Sendable () async -> Void]

    func run() async throws {
        guard let interval = notifier.watchdogInterval else { return }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for probe in probes {
                tasks.addTask {
                    while true {
                        await probe()
                        try await Task.sleep(for: interval / 4)
                    }
                }
            }
            tasks.addTask { try await feed(every: interval / 2, limit: interval) }
            defer { tasks.cancelAll() }
            _ = try await tasks.next()
        }
    }

    private func feed(every pause: Duration, limit: Duration) async throws {
        var isBehind = false
        while true {
            try await Task.sleep(for: pause)
            let silent = liveness.silent(for: limit)
            if silent.isEmpty {
                notifier.watchdog()
                if isBehind { logger.notice("every part of the daemon moves again") }
                isBehind = false
            } else {
                // The next look is the last chance before the service manager acts.
                isBehind = true
                let names = silent.map(\.rawValue).joined(separator: ", ")
                logger.error("no sign of life", metadata: ["parts": "\(names)"])
            }
        }
    }
}
