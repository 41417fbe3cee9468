import Console
import ControlClient
import ControlProtocol

extension GlobalOptions {
    /// Cancels, pauses, resumes or retries a job and prints what it is now.
    func change(_ job: String, _ change: ChangeJob.Change) async throws {
        let reply = try await client().send(ChangeJob(job, change))
        try show(reply) { terminal in
            let job = "\(reply.job.id) \(reply.job.name)"
            if reply.job.state == .running, change == .pause || change == .cancel {
                return [
                    "\(job) still runs: its worker was told to \(change == .pause ? "checkpoint" : "end")"
                ]
            }
            return ["\(job) is \(terminal.state(reply.job.state.rawValue))"]
        }
    }
}
