import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show a job live, or all that are queued or running.",
        discussion: """
            Ends when the job does, with its exit status; without a job when none is left. Ctrl-C \
            leaves jobs running. With -o json the job's events, one a line.

            Example: distillctl watch j12
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12; without: all.")
    var job: String?

    func run() async throws {
        let client = try options.client()
        guard let job else { return try await watchAll(client) }
        let found = try await client.send(ShowJob(job)).job
        let interruption = Interruption.leaving("job \(found.id) goes on")
        let ended =
            options.isJSON
            ? try await follow(found, client)
            : try await JobDisplay(client, .output).show(found.id)
        interruption.end()
        if !options.isJSON {
            Terminal.output.write(JobText.ending(ended, .output).map { $0 + "\n" }.joined())
        }
        try ended.requireSuccess()
    }

    /// Prints the job's events from now on and last the job itself.
    private func follow(_ job: JobSummary, _ client: ControlClient) async throws -> JobSummary {
        let position = try await client.send(GetStatus()).lastEvent
        var current = try await client.send(ShowJob(job.id)).job
        if !current.state.isFinal {
            for try await event in client.events(after: position, types: ["job"])
            where event.subject == job.id {
                try options.showJSONLine(event)
                let state = event.data["state"]?.string.flatMap { JobState(rawValue: $0) }
                if state?.isFinal == true { break }
            }
            current = try await client.send(ShowJob(job.id)).job
        }
        try options.showJSONLine(JobReply(job: current))
        return current
    }

    private func watchAll(_ client: ControlClient) async throws {
        if options.isJSON {
            for try await event in client.events(
                after: try await client.send(GetStatus()).lastEvent, types: ["job"])
            {
                try options.showJSONLine(event)
            }
            return
        }
        let terminal = Terminal.output
        let display = LiveDisplay(terminal)
        let follower = JobFollower(client: client)
        var losses: [String: LossHistory] = [:]
        var keys: [String: String] = [:]
        var open = try await client.send(ListJobs()).jobs.filter { !$0.state.isFinal }
        let interruption = Interruption.leaving("the jobs go on")
        guard !open.isEmpty else {
            return terminal.write("no job is queued, running or paused\n")
        }
        while !open.isEmpty {
            var lines: [String] = []
            for job in open.sorted(by: { order($0) < order($1) }) {
                if losses[job.id] == nil { losses[job.id] = await follower.losses(of: job.id) }
                var history = losses[job.id] ?? LossHistory()
                if let progress = job.progress {
                    history.add(step: progress.step, loss: progress.losses["total"])
                }
                losses[job.id] = history
                lines += JobProgressText.lines(
                    job, losses: history, terminal, width: terminal.size.columns)
                if keys.updateValue(JobProgressText.key(job), forKey: job.id)
                    != JobProgressText.key(job)
                {
                    display.show([], plain: JobProgressText.plain(job))
                }
            }
            display.show(lines, plain: nil)
            if open.allSatisfy({ $0.state == .paused }) { break }
            try await Task.sleep(for: .milliseconds(500))
            let before = open
            let jobs = try await follower.steadily { try await client.send(ListJobs()).jobs }
            open = jobs.filter { !$0.state.isFinal }
            let ended = jobs.filter { job in
                job.state.isFinal && before.contains { $0.id == job.id }
            }
            for job in ended {
                let full = try await follower.steadily {
                    try await client.send(ShowJob(job.id)).job
                }
                display.log(JobText.ending(full, terminal))
            }
        }
        interruption.end()
    }

    /// Running jobs first, then as they were queued.
    private func order(_ job: JobSummary) -> (Int, Int64) {
        (job.state == .running ? 0 : 1, JobName.number(job.id) ?? 0)
    }
}
