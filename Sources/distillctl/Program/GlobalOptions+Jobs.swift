import Console
import ControlClient
import ControlProtocol

extension GlobalOptions {
    /// Cancels, pauses, resumes or retries a job and prints what it is now.
    func change(_ job: String, _ change: ChangeJob.Change) async throws {
        let reply = try await client().send(ChangeJob(job, change))
        try show(reply) { terminal in
            ["\(reply.job.id) \(reply.job.name) is \(terminal.state(reply.job.state.rawValue))"]
        }
    }
}
