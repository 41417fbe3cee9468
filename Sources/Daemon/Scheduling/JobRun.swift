import CLinux
import Catalog
import ControlProtocol
import Foundation
import Glibc
import Logging

/// One attempt at a claimed job: a worker from its start to its end, and what follows from it.
///
/// The job's entry in `JobBoard` is made by who claims it and removed here.
struct JobRun: Sendable {
    let services: DaemonServices
    let job: CatalogJob
    let timing: SchedulerTiming

    private var name: String { JobName.text(job.id) }

    func run() async {
        defer {
            services.jobs.close(job.id)
            clinux_return_memory()
        }
        let outcome: JobOutcome?
        do {
            outcome = try await attempt()
        } catch {
            outcome = JobRun.outcome(of: error, services.logger)
        }
        guard let outcome else { return }
        do {
            let ended = try await services.catalog.finish(
                job: job.id, epoch: job.epoch, outcome)
            guard let ended else {
                services.logger.warning("\(name) is not held any more: its results are dropped")
                return
            }
            log(ended)
            if ended.state == .succeeded || ended.state == .cancelled {
                await services.removeCheckpoints(ofJob: ended.id)
            }
        } catch {
            // The lease runs out, or the next start finds it foreign: the job is not lost.
            services.logger.error("\(name) cannot be ended", metadata: ["error": "\(error)"])
        }
    }

    /// Works on the job; nil: it is not ours any more.
    private func attempt() async throws -> JobOutcome? {
        // Wishes that came while the job was being claimed found nobody to tell.
        let current = try await services.catalog.job("\(job.id)")
        if current.wanted != nil || services.scheduler.isDraining { return .stopped }
        guard let assignment = try await JobPreparation(services: services).assignment(for: job)
        else { return services.jobs.isStopping(job.id) ? .stopped : nil }
        if services.jobs.isStopping(job.id) { return .stopped }
        let worker = try Worker(
            .train(assignment), with: services.worker.program,
            log: "\(assignment.runFolder)/log", silence: timing.silence)
        services.jobs.set(worker, for: job.id)
        services.logger.info("\(name) runs", metadata: ["pid": "\(worker.pid)"])
        let reports = JobReports(
            services: services, job: job, folder: assignment.runFolder,
            absence: FileAbsence(services: services, dataset: assignment.dataset))
        if assignment.checkpoints.isEmpty { await repeatWarnings(assignment, worker, reports) }
        let exit = await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await keepLease(worker) }
            let exit = await worker.run { await reports.receive($0, from: worker) }
            tasks.cancelAll()
            return exit
        }
        if reports.isFenced { return nil }
        try await keepProgress()
        switch reports.ending {
        case .finished(let payload):
            return try await succeed(payload, assignment)
        case .failed(let failure):
            return JobRun.outcome(of: failure)
        case .stopped:
            return .stopped
        default:
            return try await crashed(exit, assignment)
        }
    }

    /// Says in the job's own log what is odd about its data set: whoever reads one need not know the other.
    private func repeatWarnings(
        _ assignment: TrainAssignment, _ worker: Worker, _ reports: JobReports
    ) async {
        guard let dataset = try? await services.catalog.dataset(assignment.dataset.name) else {
            return
        }
        for problem in dataset.remarks where !problem.isRemark {
            let warning = JobWarning(
                code: problem.code, message: problem.message, hint: problem.hint, step: 0)
            await reports.receive(.warning(warning), from: worker)
        }
    }

    /// Renews the lease until cancelled; when it is lost the worker ends at once.
    private func keepLease(_ worker: Worker) async {
        while true {
            do {
                try await Task.sleep(for: timing.heartbeat)
                let beat = try await services.catalog.beat(
                    job: job.id, epoch: job.epoch, heartbeat: MonotonicTime.milliseconds)
                guard beat else { return worker.kill() }
                try await keepProgress()
            } catch is CancellationError {
                return
            } catch {
                services.logger.error("\(name): no heartbeat", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Leaves in the catalog where the job stands.
    private func keepProgress() async throws {
        guard let live = services.jobs[job.id], let progress = live.progress else { return }
        try await services.catalog.setProgress(
            job: job.id, epoch: job.epoch, phase: live.phase,
            progress: String(decoding: try ControlJSON.encode(progress), as: UTF8.self))
    }

    private func succeed(
        _ payload: JSONValue, _ assignment: TrainAssignment
    ) async throws -> JobOutcome? {
        // Another epoch may have begun while the last report came: then these results are not ours.
        guard
            try await services.catalog.beat(
                job: job.id, epoch: job.epoch, heartbeat: MonotonicTime.milliseconds)
        else { return nil }
        let summary = try ModelImporter.model(in: payload)
        let staged = "\(assignment.runFolder)/model"
        // The student's ONNX stays in the run folder and also goes with the model.
        _ = link("\(assignment.runFolder)/student.onnx", "\(staged)/student.onnx")
        let model = try await services.models.install(
            staged, summary: summary, name: job.name, isExact: false, job: job.id)
        try await services.catalog.setMetrics(summary.metrics, of: .job, id: job.id)
        let result = JSONValue.object([
            "model": .string(model.name),
            "metrics": .object(summary.metrics.mapValues { .number($0) }),
        ])
        return .succeeded(
            result: String(decoding: try ControlJSON.encode(result), as: UTF8.self))
    }

    private func crashed(
        _ exit: WorkerExit, _ assignment: TrainAssignment
    ) async throws -> JobOutcome {
        if services.jobs.isStopping(job.id) { return .stopped }
        services.logger.error("\(name): \(exit.words)")
        let culprits = await CrashInvestigation(services: services).culprits(
            of: assignment, folder: assignment.runFolder)
        if !culprits.isEmpty {
            try SampleListFile(path: assignment.dataset.samples).drop(Set(culprits))
            // With its cause gone the crash is no reason to wait.
            return .stopped
        }
        return .failedForNow(
            CatalogJob.Failure(
                code: exit == .silent ? "worker.silent" : "worker.crashed", message: exit.words,
                hint: "`distillctl logs \(name)` shows its last words"))
    }

    private func log(_ ended: CatalogJob) {
        let level: Logger.Level = ended.state == .failed ? .error : .info
        var line = "\(name) is \(ended.state.rawValue)"
        if let error = ended.error, ended.state != .succeeded {
            line += ": \(error.message) (\(error.code))"
        }
        services.logger.log(level: level, "\(line)")
    }

    // MARK: What failures lead to

    static func outcome(of failure: WorkerFailure) -> JobOutcome {
        let reason = CatalogJob.Failure(
            code: failure.code, message: failure.message, hint: failure.hint)
        if failure.pause { return .blocked(reason) }
        return failure.retryable ? .failedForNow(reason) : .failed(reason)
    }

    static func outcome(of error: any Error, _ logger: Logger) -> JobOutcome {
        if error is CancellationError { return .stopped }
        let known = FailureReply.of(error, logger)
        let reason = CatalogJob.Failure(
            code: known.code, message: known.message, hint: known.hint)
        switch known.code {
        case "disk.full", "dataset.offline": return .blocked(reason)
        default: return known.retryable ? .failedForNow(reason) : .failed(reason)
        }
    }
}

/// A clock that setting the time cannot move.
enum MonotonicTime {
    static var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
