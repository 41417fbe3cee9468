import Catalog
import Configuration
import ControlProtocol
import Foundation
import Synchronization

/// What is known of running jobs beyond the catalog: process, phase and the latest progress.
final class JobBoard: Sendable {
    struct Live: Sendable {
        var worker: Worker?
        var phase: String?
        var progress: JobProgress?
        /// When progress was last sent to followers.
        var announced: ContinuousClock.Instant?
        /// Whether its worker is to stop.
        var isStopping: Bool { grace != nil }
        /// How long a worker that is to stop may take.
        var grace: Duration?
    }

    /// The shortest time between two progress lines of one job.
    static let progressInterval = Duration.milliseconds(500)

    private let live = Mutex<[Int64: Live]>([:])
    private let state: StateFolder
    private let catalog: Catalog

    init(state: StateFolder, catalog: Catalog) {
        self.state = state
        self.catalog = catalog
    }

    var running: [Int64] { live.withLock { $0.keys.sorted() } }

    subscript(job: Int64) -> Live? { live.withLock { $0[job] } }

    func open(_ job: Int64) { live.withLock { $0[job] = Live() } }
    func close(_ job: Int64) { _ = live.withLock { $0.removeValue(forKey: job) } }

    func set(_ worker: Worker, for job: Int64) {
        let grace = live.withLock { live in
            live[job]?.worker = worker
            return live[job]?.grace
        }
        guard let grace else { return }
        worker.stop()
        worker.kill(after: grace)
    }

    func set(phase: String, for job: Int64) {
        live.withLock { live in
            live[job]?.phase = phase
            // Before the first epoch each phase counts something else.
            if live[job]?.progress?.epoch == 0 { live[job]?.progress = nil }
        }
    }

    /// Notes progress; true: enough time has passed to tell followers.
    func note(
        _ progress: JobProgress, of job: Int64, now: ContinuousClock.Instant = .now
    ) -> Bool {
        live.withLock { live in
            guard var entry = live[job] else { return false }
            entry.progress = progress
            let isDue = entry.announced.map { now - $0 >= JobBoard.progressInterval } ?? true
            if isDue || progress.step == progress.steps { entry.announced = now }
            live[job] = entry
            return isDue || progress.step == progress.steps
        }
    }

    /// Asks a job's worker to checkpoint and end, and ends it by force after `grace`.
    func stop(_ job: Int64, grace: Duration) {
        let worker = live.withLock { live in
            live[job]?.grace = grace
            return live[job]?.worker
        }
        guard let worker else { return }
        worker.stop()
        worker.kill(after: grace)
    }

    func isStopping(_ job: Int64) -> Bool { live.withLock { $0[job]?.isStopping ?? false } }

    /// The job that still needs a model, as `j12`; nil where none does.
    func openJob(using model: String) async throws -> String? {
        for job in try await catalog.jobs(states: [.queued, .running, .paused]) {
            guard let recipe = try? Recipe(toml: job.recipe, file: "recipe") else { continue }
            if recipe.teacher?.model == model || recipe.student.initialise == .model(model) {
                return JobName.text(job.id)
            }
        }
        return nil
    }

    /// A job as the protocol shows it.
    func summary(
        of job: CatalogJob, metrics: [String: Double] = [:], withRecipe: Bool = false
    ) -> JobSummary {
        let recipe = try? Recipe(toml: job.recipe, file: "recipe")
        let live = self[job.id]
        let isRunning = job.state == .running
        let stored = job.progress.flatMap {
            try? ControlJSON.decode(JobProgress.self, from: Data($0.utf8))
        }
        let progress = live?.progress ?? (isRunning && stored?.epoch == 0 ? nil : stored)
        let result = job.result.flatMap {
            try? ControlJSON.decode(JSONValue.self, from: Data($0.utf8))
        }
        let name = JobName.text(job.id)
        let waits = job.state == .queued && job.notBefore > Catalog.currentTime()
        return JobSummary(
            id: name, name: job.name, kind: job.kind,
            state: JobState(rawValue: job.state.rawValue) ?? .failed,
            phase: isRunning ? live?.phase ?? job.phase : nil, dataset: job.dataset,
            teacher: recipe?.teacher?.model, student: recipe?.student.architecture,
            modality: recipe?.student.modality, owner: UInt32(clamping: job.uid),
            attempts: job.attempts, progress: progress, metrics: metrics,
            error: job.error.map {
                JobFailure(code: $0.code, message: $0.message, hint: $0.hint)
            },
            retryAt: waits ? Timestamp(milliseconds: job.notBefore) : nil,
            model: result?["model"]?.string, runFolder: state.run(name),
            workerPID: live?.worker?.pid, created: Timestamp(milliseconds: job.created),
            started: job.started.map { Timestamp(milliseconds: $0) },
            finished: job.finished.map { Timestamp(milliseconds: $0) },
            recipe: withRecipe ? job.recipe : nil)
    }
}
