import ControlProtocol
import Execution
import Foundation

/// The life of one worker: read the assignment, do it, report how it ended.
package enum WorkerProcess {
    package enum Source {
        case socket(Int32)
        case file(String)
    }

    /// - Returns: the process's exit status: 0 done or stopped, 1 failed and said why, 2 no assignment.
    package static func run(role: String, source: Source) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let channel: WorkerChannel
        let assignment: WorkerAssignment
        do {
            switch source {
            case .socket(let descriptor):
                (channel, assignment) = try WorkerChannel.socket(descriptor)
            case .file(let path):
                (channel, assignment) = try WorkerChannel.local(path)
            }
        } catch {
            FileHandle.standardError.write(Data("distill-worker: \(error)\n".utf8))
            return 2
        }
        guard assignment.role == role else {
            channel.report(
                .failed(
                    WorkerFailure(
                        code: "worker.role",
                        message: "started as `\(role)` but assigned `\(assignment.role)`",
                        retryable: false)))
            return 1
        }
        // SIGTERM means the same as the command `stop`: end at a checkpoint.
        let terminate = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signal(SIGTERM, SIG_IGN)
        terminate.setEventHandler { channel.requestStop() }
        terminate.resume()
        defer { terminate.cancel() }
        channel.report(.ready)
        do {
            try Processor.checkRequest()
            let outcome = try perform(assignment, channel)
            channel.report(outcome)
            return 0
        } catch {
            channel.report(.failed(FailureReport.of(error)))
            return 1
        }
    }

    private static func perform(
        _ assignment: WorkerAssignment, _ channel: WorkerChannel
    ) throws -> WorkerReport {
        switch assignment {
        case .train(let assignment): try TrainRole(assignment, channel).run()
        case .plan(let assignment): try PlanRole(assignment, channel).run()
        case .inspect(let assignment): try InspectRole(assignment, channel).run()
        case .survey(let assignment): try SurveyRole(assignment, channel).run()
        case .look(let assignment): try LookRole(assignment, channel).run()
        case .import(let assignment): try ImportRole(assignment, channel).run()
        case .evaluate(let assignment): try EvaluateRole(assignment, channel).run()
        case .compare(let assignment): try CompareRole(assignment, channel).run()
        case .verify(let assignment): try VerifyRole(assignment, channel).run()
        case .predict(let assignment): try PredictRole(assignment, channel).run()
        case .run(let assignment): try RunRole(assignment, channel).run()
        }
    }
}

extension WorkerAssignment {
    /// The word on the command line.
    var role: String {
        switch self {
        case .train: "train"
        case .plan: "plan"
        case .inspect: "inspect"
        case .survey: "survey"
        case .look: "look"
        case .import: "import"
        case .evaluate: "evaluate"
        case .compare: "compare"
        case .verify: "verify"
        case .predict: "predict"
        case .run: "run"
        }
    }
}
