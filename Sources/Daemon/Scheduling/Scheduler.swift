import Catalog
import Configuration
import ControlProtocol
import Foundation
import Logging
import Synchronization

/// Takes jobs from the queue and runs as many at once as the settings allow.
final class Scheduler: Sendable {
    private struct State {
        var running = 0
        var isDraining = false
    }

    private let catalog: Catalog
    private let jobs: JobBoard
    private let settings: SettingsHolder
    private let logger: Logger
    private let liveness: Liveness
    private let timing: SchedulerTiming
    private let owner: String
    private let wake = Wake()
    private let state = Mutex(State())

    init(
        catalog: Catalog, jobs: JobBoard, settings: SettingsHolder, logger: Logger,
        liveness: Liveness, timing: SchedulerTiming
    ) {
        self.catalog = catalog
        self.jobs = jobs
        self.settings = settings
        self.logger = logger
        self.liveness = liveness
        self.timing = timing
        owner = Scheduler.newOwner()
    }

    /// Something may have changed in the queue.
    func ring() { wake.ring() }

    /// Gives back what an earlier daemon held; the state's lock says that it is gone.
    func recover() async throws {
        for job in try await catalog.requeueForeignJobs(owner: owner) {
            logger.notice(
                "\(JobName.text(job.id)) was interrupted and is \(job.state.rawValue) again")
        }
    }

    /// Runs jobs until `drain` has been called and the last worker has ended.
    func run(with services: DaemonServices) async {
        await withDiscardingTaskGroup { tasks in
            var alarm = Int64.max
            wake.ring()
            for await _ in wake.rings {
                liveness.tick(.scheduler)
                if isDraining { break }
                await start(services, in: &tasks)
                // Retries become due without anybody ringing.
                let now = MonotonicTime.milliseconds
                let due = now + (await untilNextStart()).wholeMilliseconds
                guard due < alarm || alarm <= now else { continue }
                alarm = due
                tasks.addTask { [wake] in
                    try? await Task.sleep(for: .milliseconds(due - now))
                    wake.ring()
                }
            }
            // Workers that still write their checkpoints are waited for: the group does.
            while running > 0 { try? await Task.sleep(for: .milliseconds(20)) }
            tasks.cancelAll()
        }
    }

    /// Leases nothing more and has every worker write a checkpoint and end.
    func drain() {
        state.withLock { $0.isDraining = true }
        for job in jobs.running { jobs.stop(job, grace: timing.grace) }
        wake.ring()
    }

    /// Has the worker of a job end because its user wants it paused or cancelled.
    func interrupt(_ job: CatalogJob) {
        guard job.state == .running, let wanted = job.wanted else { return }
        // Who cancels does not want the checkpoint: the wait for it is shorter.
        jobs.stop(job.id, grace: wanted == .cancelled ? .seconds(10) : timing.grace)
    }

    private var running: Int { state.withLock { $0.running } }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    private func start(_ services: DaemonServices, in tasks: inout DiscardingTaskGroup) async {
        do {
            while running < settings.current.workers, !isDraining {
                let claimed = try await catalog.claimJob(
                    owner: owner, heartbeat: MonotonicTime.milliseconds)
                guard let job = claimed else { return }
                state.withLock { $0.running += 1 }
                // From here on a wish to stop finds the job; the run looks for earlier ones.
                jobs.open(job.id)
                tasks.addTask { [self] in
                    await JobRun(services: services, job: job, timing: timing).run()
                    state.withLock { $0.running -= 1 }
                    wake.ring()
                }
            }
        } catch {
            logger.error("the queue cannot be read", metadata: ["error": "\(error)"])
        }
    }

    private func untilNextStart() async -> Duration {
        guard let next = try? await catalog.nextStart() else { return timing.patience }
        let milliseconds = next - Catalog.currentTime()
        // What is due already waits for a free worker, which rings by itself.
        return milliseconds <= 0
            ? timing.patience : min(timing.patience, .milliseconds(milliseconds + 50))
    }

    /// The machine's boot and a random part: no two daemons share it.
    private static func newOwner() -> String {
        let boot =
            (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
        return boot.trimmingCharacters(in: .whitespacesAndNewlines) + "-" + UUID().uuidString
    }
}
