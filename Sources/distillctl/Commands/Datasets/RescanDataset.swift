import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct RescanDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescan", abstract: "Look at every file again; returns when that is done.",
        discussion: "Example: distillctl datasets rescan kitchen")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The data set's name.")
    var name: String

    func run() async throws {
        let reply = try await options.client().send(RescanDataset(name))
        try options.show(reply) { DatasetText.summary(reply.dataset, $0) }
    }
}
