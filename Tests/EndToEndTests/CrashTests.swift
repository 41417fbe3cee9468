import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct CrashTests {
        @Test func aKilledWorkerCostsOnlyItsLastSteps() async throws {
            try await Service.with { service, daemon in
                try await service.synthesize()
                let queued = try await service.json(
                    JobReply.self, "enqueue", try service.recipe("crashing", epochs: 300)
                ).job
                let running = try await service.training(queued.id)
                let worker = try #require(running.workerPID)
                kill(worker, SIGKILL)
                let job = try await service.ended(queued.id)
                #expect(job.state == .succeeded, "\(String(describing: job.error))")
                #expect(job.attempts >= 1)
                #expect(try await service.client.send(GetStatus()).pid == daemon.pid)
            }
        }

        @Test func aKilledDaemonLeavesNoWorkerAndItsJobGoesOn() async throws {
            let service = try Service()
            let first = try await service.start()
            try await service.synthesize()
            let queued = try await service.json(
                JobReply.self, "enqueue", try service.recipe("surviving", epochs: 300)
            ).job
            let running = try await service.training(queued.id)
            let worker = try #require(running.workerPID)
            kill(first.pid, SIGKILL)
            _ = await first.ending()
            try await wait(for: "the end of the orphaned worker", seconds: 20) { !isAlive(worker) }

            let second = try await service.start()
            let job = try await service.ended(queued.id)
            #expect(job.state == .succeeded, "\(String(describing: job.error))")
            #expect(job.id == queued.id)
            #expect(try await service.client.send(ListJobs()).jobs.count == 1)
            kill(second.pid, SIGTERM)
            #expect(await second.ending().status == 0)
        }
    }
}
