import Catalog
import ControlProtocol
import Foundation
import Glibc
import Logging
import Synchronization

/// Applies what a training worker reports: catalog, followers, log.
final class JobReports: Sendable {
    private struct State {
        var ending: WorkerReport?
        var isFenced = false
    }

    private let services: DaemonServices
    private let job: CatalogJob
    private let folder: String
    private let absence: FileAbsence
    private let state = Mutex(State())

    init(services: DaemonServices, job: CatalogJob, folder: String, absence: FileAbsence) {
        self.services = services
        self.job = job
        self.folder = folder
        self.absence = absence
    }

    /// The report that ended the run, nil where the worker just died.
    var ending: WorkerReport? { state.withLock { $0.ending } }

    /// Whether the job turned out not to be ours any more.
    var isFenced: Bool { state.withLock { $0.isFenced } }

    func receive(_ report: WorkerReport, from worker: Worker) async {
        do {
            try await apply(report, from: worker)
        } catch {
            services.logger.error(
                "\(JobName.text(job.id)): a report is lost", metadata: ["error": "\(error)"])
        }
    }

    private func apply(_ report: WorkerReport, from worker: Worker) async throws {
        let name = JobName.text(job.id)
        let catalog = services.catalog
        switch report {
        case .ready, .inspected: break
        case .phase(let phase):
            services.jobs.set(phase: phase, for: job.id)
            try await catalog.setProgress(
                job: job.id, epoch: job.epoch, phase: phase, progress: nil)
            try await catalog.append(
                event: "job.phase", subject: "job", id: job.id,
                payload: ["name": job.name, "phase": phase])
        case .progress(let progress):
            let progress = JobProgress(progress)
            guard services.jobs.note(progress, of: job.id) else { return }
            services.events.send(
                transient: "job.progress", subject: name, data: try JSONValue(encoding: progress))
        case .metrics(let metrics):
            try await catalog.setMetrics(metrics, of: .job, id: job.id)
        case .sampleFailed(let failure):
            if await absence.explains(failure) { return }
            try await catalog.quarantine(
                failure.sample, code: failure.code, reason: failure.reason,
                modality: failure.modality)
        case .checkpoint(let checkpoint):
            try await keep(checkpoint, from: worker)
        case .warning(let warning):
            append("warning: \(warning.message) (\(warning.code)); \(warning.hint)")
            services.logger.warning("\(name): \(warning.message)")
            let payload: [String: JSONValue] = [
                "name": .string(job.name), "code": .string(warning.code),
                "message": .string(warning.message), "hint": .string(warning.hint),
                "step": .integer(Int64(warning.step)),
            ]
            try await catalog.append(
                event: "job.warning", subject: "job", id: job.id, payload: payload)
        case .log(let level, let message):
            append("\(level): \(message)")
        case .finished, .stopped, .failed:
            if case .failed(let failure) = report {
                append("error: \(failure.message) (\(failure.code))")
            }
            state.withLock { $0.ending = report }
        }
    }

    private func keep(_ checkpoint: CheckpointReference, from worker: Worker) async throws {
        let superseded = try await services.catalog.recordCheckpoint(
            job: job.id, epoch: job.epoch, step: checkpoint.step, path: checkpoint.path,
            sha256: checkpoint.sha256)
        guard let superseded else {
            state.withLock { $0.isFenced = true }
            return worker.kill()
        }
        for path in superseded where path.hasPrefix(folder + "/") {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Adds a line to the run's log, where the worker's own output goes too.
    private func append(_ line: String) {
        let descriptor = open("\(folder)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array("\(Timestamp.now) \(line)\n".utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
