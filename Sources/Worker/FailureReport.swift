import Batching
import Configuration
import ControlProtocol
import Distillation
import Foundation
import Graphs
import Interchange
import Modalities

/// Turns every room's errors into what the daemon acts on and a person reads.
enum FailureReport {
    static func of(_ error: any Error) -> WorkerFailure {
        switch error {
        case let error as WorkerFailure:
            return error
        case let error as DistillationError:
            return WorkerFailure(
                code: error.code, message: error.message, hint: error.hint,
                retryable: error.retryable, pause: error.code == "disk.full")
        case let error as CacheError:
            return WorkerFailure(
                code: error.code == .diskFull ? "disk.full" : "cache.io",
                message: error.description,
                hint: error.code == .diskFull
                    ? "free some space or lower [cache] quota_gb, then `distillctl resume` the job"
                    : nil,
                retryable: true, pause: error.code == .diskFull)
        case let error as PluginError:
            return WorkerFailure(
                code: error.code, message: error.description,
                hint: error.hint.isEmpty ? nil : error.hint, retryable: false)
        case let error as GraphError:
            return WorkerFailure(
                code: "graph.\(error.code.rawValue)", message: error.description, retryable: false)
        case let error as SampleError:
            return WorkerFailure(code: error.code, message: error.description, retryable: false)
        default:
            return WorkerFailure(code: "worker.failed", message: "\(error)", retryable: true)
        }
    }
}

extension WorkerFailure: @retroactive Error {}
