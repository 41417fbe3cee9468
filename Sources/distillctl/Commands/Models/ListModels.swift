import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ListModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the models.",
        discussion: "Example: distillctl models list")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let reply = try await options.client().send(ListModels())
        try options.show(reply) { terminal in
            terminal.lines(
                ModelText.table(reply.models, terminal),
                empty: "no models; import one with: distillctl models import FILE")
        }
    }
}
