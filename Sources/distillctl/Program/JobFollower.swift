import Console
import ControlClient
import ControlProtocol
import Foundation

/// Looks at a job twice a second until nothing more happens to it.
struct JobFollower {
    let client: ControlClient
    /// How long a restart of the daemon may take.
    var patience = Duration.seconds(60)

    /// Calls `look` with each state of the job, the last one included.
    ///
    /// - Returns: the job in its final state.
    func follow(_ id: String, look: (JobSummary) -> Void) async throws -> JobSummary {
        while true {
            let job = try await steadily { try await client.send(ShowJob(id)).job }
            look(job)
            if job.state.isFinal { return job }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Asks again while the daemon restarts, up to `patience`.
    func steadily<Reply>(_ ask: () async throws -> Reply) async throws -> Reply {
        var lost: ContinuousClock.Instant?
        while true {
            do {
                return try await ask()
            } catch let error as ControlError where error.code == "daemon.unreachable" {
                let since = lost ?? .now
                lost = since
                guard ContinuousClock.now - since < patience else { throw error }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// The losses that a run has written so far; empty where there are none yet.
    func losses(of id: String) async -> LossHistory {
        let collected = Collected()
        try? await client.lines(ReadJobMetrics(id)) { line in
            let data = Data(line.utf8)
            guard let value = try? ControlJSON.decode(JSONValue.self, from: data) else { return }
            await collected.add(value)
        }
        return await collected.history
    }

    private actor Collected {
        var history = LossHistory()

        func add(_ line: JSONValue) {
            guard let step = line["step"]?.number else { return }
            history.add(step: Int(step), loss: line["total"]?.number)
        }
    }
}

/// Shows one job live until it ends.
struct JobDisplay {
    let follower: JobFollower
    let terminal: Terminal

    init(_ client: ControlClient, _ terminal: Terminal) {
        follower = JobFollower(client: client)
        self.terminal = terminal
    }

    /// - Returns: the job in its final state.
    func show(_ id: String) async throws -> JobSummary {
        let display = LiveDisplay(terminal)
        var losses = await follower.losses(of: id)
        var lastKey = ""
        let job = try await follower.follow(id) { job in
            if let progress = job.progress {
                losses.add(step: progress.step, loss: progress.losses["total"])
            }
            let key = JobProgressText.key(job)
            display.show(
                job.state.isFinal
                    ? []
                    : JobProgressText.lines(
                        job, losses: losses, terminal, width: terminal.size.columns),
                plain: key == lastKey ? nil : JobProgressText.plain(job))
            lastKey = key
        }
        return job
    }
}
