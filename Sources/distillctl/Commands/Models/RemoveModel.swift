import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct RemoveModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a model from the catalog and from disk.",
        discussion: "Example: distillctl models remove kitchen-depth")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var name: String

    func run() async throws {
        let reply = try await options.client().send(RemoveModel(name))
        try options.show(reply) { _ in ["removed \(reply.removed)"] }
    }
}
