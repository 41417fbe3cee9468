import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct CrashTests {
        /// A stopped daemon takes connections and answers none.
        @Test func aDaemonThatStandsStillIsNotWaitedForForEver() async throws {
            try await Service.with { service, daemon in
                #expect(kill(daemon.pid, SIGSTOP) == 0)
                defer { kill(daemon.pid, SIGCONT) }
                for command in ["status", "ps", "reload"] {
                    let answer = try await service.ctl(command, "--timeout", "0.3")
                    #expect(answer.status == 3, "\(answer.errors)")
                    #expect(answer.errors.contains("does not answer"), "\(answer.errors)")
                }
                #expect(kill(daemon.pid, SIGCONT) == 0)
                #expect(try await service.ctl("status", "--timeout", "30").status == 0)
            }
        }

        @Test func aKilledWorkerCostsOnlyItsLastSteps() async throws {
            try await Service.with { service, daemon in
                try await service.synthesize()
                let queued = try await service.json(
                    JobReply.self, "enqueue", try service.recipe("crashing", epochs: 1500)
                ).job
                let running = try await service.training(queued.id)
                let worker = try #require(running.workerPID)
                try await checkpointed(running)
                kill(worker, SIGKILL)
                let job = try await service.ended(queued.id)
                #expect(job.state == .succeeded, "\(String(describing: job.error))")
                #expect(job.attempts >= 1)
                #expect(try log(of: job).contains("resumed at step"))
                #expect(try await service.client.send(GetStatus()).pid == daemon.pid)
            }
        }

        @Test func aKilledDaemonLeavesNoWorkerAndItsJobGoesOn() async throws {
            let service = try Service()
            let first = try await service.start()
            try await service.synthesize()
            let queued = try await service.json(
                JobReply.self, "enqueue", try service.recipe("surviving", epochs: 1500)
            ).job
            let running = try await service.training(queued.id)
            let worker = try #require(running.workerPID)
            try await checkpointed(running)
            kill(first.pid, SIGKILL)
            _ = await first.ending()
            try await wait(for: "the end of the orphaned worker", seconds: 20) { !isAlive(worker) }

            let second = try await service.start()
            let job = try await service.ended(queued.id)
            #expect(job.state == .succeeded, "\(String(describing: job.error))")
            #expect(job.id == queued.id)
            #expect(try log(of: job).contains("resumed at step"))
            #expect(try await service.client.send(ListJobs()).jobs.count == 1)
            kill(second.pid, SIGTERM)
            #expect(await second.ending().status == 0)
        }

        /// Waits until a job has something to resume from: with the second checkpoint there, the first
        /// is surely in the catalog.
        private func checkpointed(_ job: JobSummary) async throws {
            let folder = try #require(job.runFolder) + "/checkpoints"
            try await wait(for: "a checkpoint of \(job.id)") {
                let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
                return files.count { $0.hasPrefix("step-") } >= 2
            }
        }

        private func log(of job: JobSummary) throws -> String {
            try String(contentsOfFile: try #require(job.runFolder) + "/log", encoding: .utf8)
        }
    }
}
