import Catalog
import Configuration
import ControlProtocol
import Foundation
import Watching

/// Looks at everything a healthy daemon needs.
struct Doctor: Sendable {
    typealias Check = DoctorReply.Check

    let services: DaemonServices

    func checks() async -> [Check] {
        let settings = services.settings.current
        var checks = MachineChecks.all(threads: settings.threads)
        checks.append(worker)
        checks.append(disk)
        checks += FolderChecks.plugins(settings.pluginFolders)
        checks.append(FolderChecks.cache(settings.cacheFolder))
        checks.append(InotifyChecks.limits())
        checks.append(await database)
        checks += await datasets
        checks += await strangers
        return checks
    }

    private var worker: Check {
        let program = services.worker.program
        return program.isThere
            ? Check("worker", .ok, program.path)
            : Check(
                "worker", .failed, "\(program.path) is not there or cannot be run",
                hint: "distill-worker belongs beside distilld or in ../libexec/distilld/")
    }

    private var disk: Check {
        let free = services.state.freeBytes
        let words = "\(free >> 20) MiB free in \(services.state.path)"
        let hint = "checkpoints, models and caches need space: free some, or move the state"
        if free < 256 << 20 { return Check("disk", .failed, words, hint: hint) }
        if free < 5 << 30 { return Check("disk", .warning, words, hint: hint) }
        return Check("disk", .ok, words)
    }

    private var database: Check {
        get async {
            do {
                let start = ContinuousClock.now
                try await services.catalog.tick()
                let took = (ContinuousClock.now - start).wholeMilliseconds
                let words = "the catalog took a write in \(took) ms"
                switch services.catalog.recovery {
                case .none, .checkedAfterCrash:
                    return Check("database", .ok, words)
                case .restoredBackup(let damaged):
                    return Check(
                        "database", .warning,
                        "\(words); it was damaged, and the last backup took its place",
                        hint: "the damaged file is kept as \(damaged)")
                case .startedEmpty(let damaged):
                    return Check(
                        "database", .warning,
                        "\(words); it was damaged without a usable backup and was begun anew",
                        hint: "the damaged file is kept as \(damaged)")
                }
            } catch {
                return Check(
                    "database", .failed, "the catalog takes no writes: \(error)",
                    hint: "is the disk full? see the check `disk`")
            }
        }
    }

    /// Folders below the watched ones that look like data sets and are none.
    private var strangers: [Check] {
        get async {
            await services.watching.problems.map {
                Check("datasets", .failed, $0.message, hint: $0.hint.isEmpty ? nil : $0.hint)
            }
        }
    }

    private var datasets: [Check] {
        get async {
            guard let datasets = try? await services.catalog.datasets() else { return [] }
            let hindrances = services.inspection.hindrances
            var checks: [Check] = []
            for dataset in datasets {
                let name = "dataset \(dataset.name)"
                let counts = try? await services.catalog.counts(ofDataset: dataset.id)
                if dataset.state == .offline {
                    checks.append(
                        Check(
                            name, .failed,
                            dataset.problems.first?.message
                                ?? "offline: \(dataset.root) cannot be read",
                            hint: dataset.problems.first?.hint ?? "mount it again"))
                } else if let hindrance = hindrances[dataset.id] {
                    checks.append(
                        Check(
                            name, .failed, hindrance,
                            hint: "mend it, then `distillctl datasets rescan \(dataset.name)`"))
                } else if dataset.remarks.contains(where: { !$0.isRemark }) {
                    for problem in dataset.remarks where !problem.isRemark {
                        checks.append(
                            Check(
                                name, problem.code == "dataset.no_pairs" ? .failed : .warning,
                                problem.message,
                                hint: problem.hint.isEmpty
                                    ? "`distillctl datasets show \(dataset.name)` says more"
                                    : problem.hint))
                    }
                } else if let counts, counts.quarantined > 0 {
                    checks.append(
                        Check(
                            name, .warning,
                            "\(counts.paired) pairs, \(counts.quarantined) quarantined",
                            hint: "`distillctl samples list --dataset \(dataset.name) "
                                + "--state quarantined` says why"))
                } else {
                    checks.append(Check(name, .ok, "\(counts?.paired ?? 0) pairs"))
                }
            }
            return checks
        }
    }
}
