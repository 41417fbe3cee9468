import Catalog
import ControlProtocol
import Foundation
import NIOHTTP1

/// `/version`, `/v1/status`, `/v1/doctor`, `/v1/reload`.
enum StatusRoutes {
    static let version = Route(.GET, "/version", needs: .read) { _, _ in
        try .json(
            VersionReply(
                api: ProductVersion.api, minAPI: 1, version: ProductVersion.current,
                capabilities: [
                    "datasets", "samples", "models", "jobs", "plan", "evaluate", "events",
                    "plugins",
                    "reload", "doctor",
                ]))
    }

    static let status = Route(.GET, "/v1/status", needs: .read) { services, _ in
        let catalog = services.catalog
        var counts = Dictionary(
            uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, 0) })
        counts.merge(try await catalog.jobCounts()) { $1 }
        let running = try await catalog.jobs(states: [.running])
        var datasets: [DatasetSummary] = []
        for dataset in try await catalog.datasets() {
            datasets.append(try await DatasetPresentation(services).summary(of: dataset))
        }
        return try .json(
            StatusReply(
                version: ProductVersion.current, pid: getpid(),
                state: services.scheduler.isDraining ? "stopping" : "running",
                started: services.started,
                uptimeSeconds: Date().timeIntervalSince(services.started.date),
                socket: services.socket.path, stateFolder: services.state.path, jobs: counts,
                running: running.map { services.jobs.summary(of: $0) }, datasets: datasets,
                models: try await catalog.models().count, lastEvent: try await catalog.lastEvent(),
                diskFreeBytes: services.state.freeBytes,
                memory: StatusReply.Memory(residentBytes: ProcessMemory.residentBytes),
                warnings: warnings(services, datasets)))
    }

    static let doctor = Route(.GET, "/v1/doctor", needs: .read) { services, _ in
        try .json(DoctorReply(checks: await Doctor(services: services).checks()))
    }

    static let reload = Route(.POST, "/v1/reload", needs: .administer) { services, _ in
        try .json(try await services.reload())
    }

    private static func warnings(
        _ services: DaemonServices, _ datasets: [DatasetSummary]
    ) -> [String] {
        var warnings: [String] = []
        if !services.worker.program.isThere {
            warnings.append("the worker program \(services.worker.program.path) is missing")
        }
        for dataset in datasets where dataset.state == "offline" {
            warnings.append("data set \(dataset.name) is offline: \(dataset.path)")
        }
        warnings += services.inspection.hindrances.values.sorted()
        if services.state.freeBytes < 1 << 30 {
            warnings.append("less than 1 GiB is free in \(services.state.path)")
        }
        return warnings
    }
}

/// What this process takes.
enum ProcessMemory {
    /// Resident bytes, from /proc/self/statm.
    static var residentBytes: Int64 {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return 0
        }
        let fields = text.split(separator: " ")
        return (fields.count > 1 ? Int64(fields[1]) ?? 0 : 0) * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
