import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct ProtocolTests {
        @Test func everyListingPrintsTheProtocolsReply() async throws {
            try await Service.with { service, daemon in
                try await service.synthesize(pairs: 12)
                let status = try await service.json(StatusReply.self, "status")
                #expect(status.pid == daemon.pid && status.socket == service.client.socketPath)
                #expect(try await service.json(DoctorReply.self, "doctor").healthy)
                let version = try await service.json(JSONValue.self, "version")
                #expect(version["client"]?["version"]?.string == ProductVersion.current)
                #expect(version["daemon"]?["api"]?.number != nil)
                let plugins = try await service.json(PluginsReply.self, "plugins", "list")
                #expect(Set(plugins.plugins.map(\.modality)) == ["rgb", "depth"])
                #expect(try await service.json(JobsReply.self, "ps").jobs.isEmpty)
                #expect(try await service.json(ModelsReply.self, "models", "list").models.isEmpty)
                let shown = try await service.json(DatasetReply.self, "datasets", "show", "shapes")
                #expect(shown.dataset.manifest?.contains("layout") == true)
                let samples = try await service.json(
                    SamplesReply.self, "samples", "list", "--dataset", "shapes", "--limit", "5")
                #expect(samples.samples.count == 5 && samples.next != nil)
                #expect(try await service.ctl("reload").status == 0)
            }
        }

        @Test func eventsAreNumberedLines() async throws {
            try await Service.with { service, _ in
                try await service.synthesize(pairs: 12)
                let all = try await service.ctl("events", "-o", "json")
                let events = try all.output.split(separator: "\n").map {
                    try ControlJSON.decode(ControlEvent.self, from: Data($0.utf8))
                }
                #expect(events.contains { $0.type == "dataset.scanned" })
                #expect(zip(events, events.dropFirst()).allSatisfy { $0.sequence < $1.sequence })
                let last = try #require(events.last).sequence
                let none = try await service.ctl("events", "-o", "json", "--after", "\(last)")
                #expect(none.output.isEmpty)
            }
        }

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl")))
        func curlSpeaksWithTheSocket() async throws {
            try await Service.with { service, _ in
                func curl(_ arguments: String...) async throws -> Ending {
                    try await Program.run(
                        "/usr/bin/curl",
                        ["-sS", "--unix-socket", service.client.socketPath] + arguments,
                        environment: service.environment)
                }
                let version = try await curl("http://localhost/version")
                let reply = try ControlJSON.decode(
                    VersionReply.self, from: Data(version.output.utf8))
                #expect(reply.api >= 1)
                let missing = try await curl(
                    "-w", "%{http_code}", "-o", "/dev/null", "http://localhost/v1/jobs/j9")
                #expect(missing.output == "404")
                let refused = try await curl(
                    "-X", "POST", "-d", "{\"recipe\": \"kind = 1\"}", "http://localhost/v1/jobs")
                let error = try ControlJSON.decode(
                    ErrorReply.self, from: Data(refused.output.utf8))
                #expect(error.error.code.hasPrefix("recipe."))
            }
        }
    }
}
