package import ControlProtocol
import Foundation
import Logging

/// Runs a short-lived worker to its end and gives its answer.
struct WorkerRun: Sendable {
    let program: WorkerProgram
    let silence: Duration
    let logger: Logger

    /// - Parameter inspect: Sees every report on the way.
    /// - Returns: the payload of `finished`.
    /// - Throws: `ControlError` with the worker's own words, or `worker.crashed`.
    func answer(
        to assignment: WorkerAssignment, log: String? = nil,
        inspect: @Sendable (WorkerReport) -> Void = { _ in }
    ) async throws -> JSONValue {
        let worker = try Worker(assignment, with: program, log: log, silence: silence)
        var outcome: WorkerReport?
        let exit = await worker.run { report in
            inspect(report)
            switch report {
            case .finished, .failed, .stopped: outcome = report
            case .log(let level, let message):
                logger.log(level: Logger.Level(worker: level), "\(message)")
            default: break
            }
        }
        try Task.checkCancellation()
        switch outcome {
        case .finished(let payload): return payload
        case .failed(let failure): throw ControlError(failure)
        case .stopped: throw CancellationError()
        default:
            throw ControlError(
                exit == .silent ? "worker.silent" : "worker.crashed",
                "\(assignment.role): \(exit.words)",
                hint: "the daemon is not affected; see its log", retryable: true)
        }
    }
}

extension ControlError {
    /// A worker's failure as a reply.
    init(_ failure: WorkerFailure) {
        self.init(
            failure.code, failure.message, hint: failure.hint, retryable: failure.retryable)
    }
}

extension Logger.Level {
    /// The level that a worker named; what is unknown counts as a notice.
    init(worker level: String) {
        self = Logger.Level(rawValue: level) ?? .notice
    }
}

extension WorkerAssignment {
    /// The role as the worker's command line names it.
    package var role: String {
        switch self {
        case .train: "train"
        case .inspect: "inspect"
        case .survey: "survey"
        case .look: "look"
        case .import: "import"
        case .plan: "plan"
        case .evaluate: "evaluate"
        case .compare: "compare"
        case .verify: "verify"
        case .predict: "predict"
        case .run: "run"
        }
    }
}
