/// `GET /version`
package struct VersionReply: Codable, Sendable, Equatable {
    /// The newest protocol version spoken.
    package var api: Int
    /// The oldest protocol version still understood.
    package var minAPI: Int
    /// The program's version.
    package var version: String
    package var capabilities: [String]

    package init(api: Int, minAPI: Int, version: String, capabilities: [String]) {
        self.api = api
        self.minAPI = minAPI
        self.version = version
        self.capabilities = capabilities
    }

    private enum CodingKeys: String, CodingKey {
        case api, version, capabilities
        case minAPI = "min_api"
    }
}

/// The version that programs of this build report.
package enum ProductVersion {
    package static let current = "0.1.0"
    package static let api = 1
}

/// `GET /v1/status`
package struct StatusReply: Codable, Sendable, Equatable {
    package struct Memory: Codable, Sendable, Equatable {
        /// Resident bytes of the daemon itself.
        package var residentBytes: Int64

        package init(residentBytes: Int64) {
            self.residentBytes = residentBytes
        }

        private enum CodingKeys: String, CodingKey {
            case residentBytes = "resident_bytes"
        }
    }

    package var version: String
    package var pid: Int32
    /// `running` or `stopping`.
    package var state: String
    package var started: Timestamp
    package var uptimeSeconds: Double
    package var socket: String
    package var stateFolder: String
    /// Jobs in each state.
    package var jobs: [String: Int]
    package var running: [JobSummary]
    package var datasets: [DatasetSummary]
    package var models: Int
    /// Newest event number.
    package var lastEvent: Int64
    package var diskFreeBytes: Int64
    package var memory: Memory
    /// What a person should look at, worst first; empty: all is well.
    package var warnings: [String]

    package init(
        version: String, pid: Int32, state: String, started: Timestamp, uptimeSeconds: Double,
        socket: String, stateFolder: String, jobs: [String: Int], running: [JobSummary],
        datasets: [DatasetSummary], models: Int, lastEvent: Int64, diskFreeBytes: Int64,
        memory: Memory, warnings: [String]
    ) {
        self.version = version
        self.pid = pid
        self.state = state
        self.started = started
        self.uptimeSeconds = uptimeSeconds
        self.socket = socket
        self.stateFolder = stateFolder
        self.jobs = jobs
        self.running = running
        self.datasets = datasets
        self.models = models
        self.lastEvent = lastEvent
        self.diskFreeBytes = diskFreeBytes
        self.memory = memory
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case version, pid, state, started, socket, jobs, running, datasets, models, memory, warnings
        case uptimeSeconds = "uptime_seconds"
        case stateFolder = "state_folder"
        case lastEvent = "last_event"
        case diskFreeBytes = "disk_free_bytes"
    }
}

/// `GET /v1/doctor`
package struct DoctorReply: Codable, Sendable, Equatable {
    /// One thing that was looked at.
    package struct Check: Codable, Sendable, Equatable {
        package enum Outcome: String, Codable, Sendable {
            case ok, warning, failed
        }

        /// `cpu`, `memory`, `disk`, `worker`, `plugins`, `inotify`, `database`, `dataset NAME`, ...
        package var name: String
        package var outcome: Outcome
        package var message: String
        package var hint: String?

        package init(_ name: String, _ outcome: Outcome, _ message: String, hint: String? = nil) {
            self.name = name
            self.outcome = outcome
            self.message = message
            self.hint = hint
        }
    }

    /// Whether nothing failed; warnings are allowed.
    package var healthy: Bool
    package var checks: [Check]

    package init(checks: [Check]) {
        self.checks = checks
        healthy = !checks.contains { $0.outcome == .failed }
    }
}

/// `POST /v1/reload`
package struct ReloadReply: Codable, Sendable, Equatable {
    /// Key paths whose new value is in force.
    package var applied: [String]
    /// Key paths that changed but need a restart.
    package var needsRestart: [String]

    package init(applied: [String], needsRestart: [String]) {
        self.applied = applied
        self.needsRestart = needsRestart
    }

    private enum CodingKeys: String, CodingKey {
        case applied
        case needsRestart = "needs_restart"
    }
}
