import Catalog
import Configuration
import ControlProtocol
import Foundation
import Logging
import Watching

extension DaemonServices {
    /// Puts a new configuration in force; a faulty one is refused and the old one stays.
    func reload() async throws -> ReloadReply {
        let reply: ReloadReply
        do {
            reply = try settings.reload()
        } catch let error as ConfigurationError {
            logger.error("the configuration is not reloaded: \(error)")
            throw FailureReply.of(error, topic: "configuration")
        }
        DaemonLog.setLevel(settings.current.logLevel)
        if reply.applied.contains("datasets") {
            await watching.setRoots(settings.current.datasets)
        }
        inspection.retry()
        scheduler.ring()
        for name in reply.needsRestart {
            logger.warning("`\(name)` changed and takes effect with the next start")
        }
        logger.notice(
            "configuration reloaded",
            metadata: ["applied": "\(reply.applied.joined(separator: " "))"])
        try await catalog.append(
            event: "daemon.reloaded", subject: "daemon", payload: ["applied": reply.applied])
        return reply
    }
}
