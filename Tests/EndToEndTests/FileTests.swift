import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct FileTests {
        @Test func filesBecomePairsWhileTheDaemonRuns() async throws {
            try await Service.with { service, _ in
                let path = try await service.synthesize(pairs: 12)
                let listed = try await service.json(DatasetsReply.self, "datasets", "list")
                #expect(listed.datasets.map(\.name) == ["shapes"])
                #expect(listed.datasets.first?.samples["paired"] == 12)
                #expect(listed.datasets.first?.labelled == 12)

                let files = FileManager.default
                try files.copyItem(
                    atPath: "\(path)/rgb/000000.jpg", toPath: "\(path)/rgb/900000.jpg")
                try files.copyItem(
                    atPath: "\(path)/depth/000000.png", toPath: "\(path)/depth/900000.png")
                try await wait(for: "the new pair") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["paired"] == 13
                }

                try files.removeItem(atPath: "\(path)/depth/900000.png")
                try await wait(for: "the lone picture") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["rgb_only"] == 1
                }
            }
        }

        @Test func aTruncatedFileIsSetAsideWithItsReason() async throws {
            try await Service.with { service, daemon in
                let path = try await service.synthesize(pairs: 12)
                let whole = try Data(contentsOf: URL(fileURLWithPath: "\(path)/rgb/000000.jpg"))
                try whole.prefix(40).write(to: URL(fileURLWithPath: "\(path)/rgb/800000.jpg"))
                try FileManager.default.copyItem(
                    atPath: "\(path)/depth/000000.png", toPath: "\(path)/depth/800000.png")
                try await wait(for: "the quarantine") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["quarantined"] == 1
                }
                let found = try await service.json(
                    SamplesReply.self, "samples", "list", "--dataset", "shapes", "--state",
                    "quarantined")
                let sample = try #require(found.samples.first)
                #expect(sample.key == "800000")
                #expect(sample.reason?.isEmpty == false && sample.code?.isEmpty == false)

                try whole.write(
                    to: URL(fileURLWithPath: "\(path)/rgb/800000.jpg"), options: .atomic)
                _ = try await service.ctl("samples", "retry", "\(sample.id)")
                try await wait(for: "the mended pair") {
                    try await service.client.send(ShowDataset("shapes")).dataset
                        .samples["paired"] == 13
                }
                #expect(isAlive(daemon.pid))
            }
        }
    }
}
