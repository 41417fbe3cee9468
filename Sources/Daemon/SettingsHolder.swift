package import Configuration
package import ControlProtocol
import Foundation
import Synchronization

/// The configuration in force; swapped as a whole when a new one reads without fault.
package final class SettingsHolder: Sendable {
    private let settings: Mutex<DaemonSettings>
    private let load: @Sendable () throws -> DaemonSettings

    /// - Parameter load: Reads the configuration again, with the command line's overrides.
    package init(
        _ settings: DaemonSettings, load: @escaping @Sendable () throws -> DaemonSettings
    ) {
        self.settings = Mutex(settings)
        self.load = load
    }

    package var current: DaemonSettings { settings.withLock { $0 } }

    /// Rereads the configuration; a faulty one is refused and the old one stays.
    ///
    /// Socket and state folder cannot move while the daemon runs.
    package func reload() throws -> ReloadReply {
        let new = try load()
        return settings.withLock { current in
            var applied: [String] = []
            var needsRestart: [String] = []
            func compare<Value: Equatable>(
                _ name: String, _ path: KeyPath<DaemonSettings, Value>, restart: Bool = false
            ) {
                guard current[keyPath: path] != new[keyPath: path] else { return }
                if restart { needsRestart.append(name) } else { applied.append(name) }
            }
            compare("socket", \.socket, restart: true)
            compare("state", \.state, restart: true)
            compare("datasets", \.datasets)
            compare("threads", \.threads)
            compare("cache.folder", \.cacheFolder)
            compare("cache.quota_gb", \.cacheQuota)
            compare("plugins.folders", \.pluginFolders)
            compare("queue.workers", \.workers)
            compare("log.level", \.logLevel)
            let (socket, state) = (current.socket, current.state)
            current = new
            current.socket = socket
            current.state = state
            return ReloadReply(applied: applied, needsRestart: needsRestart)
        }
    }
}

extension DaemonSettings {
    /// What every worker is told of the machine.
    var surroundings: WorkerSurroundings {
        WorkerSurroundings(
            pluginFolders: pluginFolders, cacheFolder: cacheFolder, cacheQuota: cacheQuota,
            threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount)
    }
}
