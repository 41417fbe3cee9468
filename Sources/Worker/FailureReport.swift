import Batching
import Configuration
import ControlProtocol
import Distillation
import Evaluation
import Execution
import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Objectives

/// Turns every room's errors into what the daemon acts on and a person reads.
enum FailureReport {
    static func of(_ error: any Error) -> WorkerFailure {
        switch error {
        case let error as WorkerFailure:
            return error
        case let error where FileFailure.isDiskFull(error):
            return WorkerFailure(
                code: "disk.full", message: "\(error)",
                hint: "free some space or lower [cache] quota_gb, then `distillctl resume` the job",
                retryable: true, pause: true)
        case let error as DistillationError:
            return WorkerFailure(
                code: error.code, message: error.message, hint: error.hint,
                retryable: error.retryable)
        case let error as CacheError:
            return WorkerFailure(code: "cache.io", message: error.description, retryable: true)
        case let error as PluginError:
            return WorkerFailure(
                code: error.code, message: located([error.path ?? ""], error.message),
                hint: error.hint.isEmpty ? nil : error.hint, retryable: false)
        case let error as ConfigurationError:
            return WorkerFailure(
                code: "configuration.\(error.code.rawValue)", message: error.message,
                hint: error.hint.isEmpty ? nil : error.hint, retryable: false)
        case let error as GraphError:
            return permanent("graph.\(error.code.rawValue)", error)
        case let error as NetworkError:
            return permanent(error.code.rawValue, error)
        case let error as ObjectiveError:
            return permanent(error.code.rawValue, error)
        case let error as InterchangeError:
            return WorkerFailure(
                code: "model.\(error.code.rawValue)",
                message: located([error.file, error.node], error.message),
                hint: error.hint.isEmpty ? nil : error.hint, retryable: false)
        case let error as EvaluationError:
            return permanent("evaluation.\(error.code.rawValue)", error)
        case let error as ExecutionError:
            return permanent("execution.\(error.code.rawValue)", error)
        case let error as SampleError:
            return permanent(error.code, error)
        default:
            return WorkerFailure(code: "worker.failed", message: "\(error)", retryable: true)
        }
    }

    /// A message behind the places it is about.
    private static func located(_ places: [String], _ message: String) -> String {
        (places.filter { !$0.isEmpty } + [message]).joined(separator: ": ")
    }

    /// A failure that trying again does not mend.
    private static func permanent(
        _ code: String, _ error: some Error & CustomStringConvertible
    ) -> WorkerFailure {
        WorkerFailure(code: code, message: error.description, retryable: false)
    }
}

extension WorkerFailure: Error {}
