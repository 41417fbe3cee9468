import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one model with its metrics.",
        discussion: "Example: distillctl models show kitchen-depth")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var name: String

    func run() async throws {
        let reply = try await options.client().send(ShowModel(name))
        try options.show(reply) { ModelText.lines(reply.model, $0) }
    }
}
