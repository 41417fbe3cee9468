import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct RemoveDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Forget a data set; its files stay where they are.",
        discussion: "Example: distillctl datasets remove kitchen")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The data set's name.")
    var name: String

    func run() async throws {
        let reply = try await options.client().send(RemoveDataset(name))
        try options.show(reply) { _ in ["removed \(reply.removed); its files are untouched"] }
    }
}
