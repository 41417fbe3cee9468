import ControlClient
import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct RefusalTests {
        @Test func anUnknownKeyIsRefusedWithTheNearestOne() async throws {
            try await Service.with { service, _ in
                try await service.synthesize(pairs: 12)
                let recipe = try service.recipe("wrong", extra: "epoch = 3")
                let text = try await service.ctl("enqueue", recipe)
                #expect(text.status == 1)
                #expect(text.errors.contains("unknown key `epoch`"))
                #expect(text.errors.contains("did you mean `epochs`?"))
                #expect(text.errors.contains(recipe))

                let json = try await service.ctl("enqueue", recipe, "-o", "json")
                #expect(json.status == 1 && json.output.isEmpty)
                let reply = try ControlJSON.decode(
                    ErrorReply.self, from: Data(json.errors.utf8))
                #expect(reply.error.code == "recipe.unknown_key")
            }
        }

        @Test func aSecondDaemonOnTheSameStateIsRefused() async throws {
            try await Service.with { service, first in
                let second = try await Program.run(
                    "distilld",
                    ["--state", service.state, "--socket", "\(service.folder)/other.sock"],
                    environment: service.environment)
                #expect(second.status != 0)
                #expect(second.errors.contains(service.state))
                #expect(isAlive(first.pid))
                #expect(try await service.ctl("status").status == 0)
            }
        }

        @Test func exitStatusesSayWhatKindOfFailureItWas() async throws {
            let offline = try Service()
            #expect(try await offline.ctl("status").status == 3)
            #expect(try await offline.ctl("status", "--nonsense").status == 2)
            #expect(try await offline.ctl("statu").status == 2)
            #expect(
                try await offline.ctl("models", "run", "/nowhere", "--outputs", "x").status == 5)
            try await Service.with { service, _ in
                try await service.synthesize(pairs: 12)
                #expect(try await service.ctl("show", "j99").status == 5)
                #expect(try await service.ctl("datasets", "show", "nope").status == 5)
                #expect(try await service.ctl("models", "show", "nope").status == 5)
                let other = "\(service.folder)/other"
                _ = try await service.ctl(
                    "datasets", "synthesize", other, "--pairs", "4", "--size", "32")
                #expect(
                    try await service.ctl("datasets", "add", other, "--name", "shapes").status == 6)
                #expect(try await service.ctl("enqueue", "/nowhere.toml").status == 5)
            }
        }
    }
}
