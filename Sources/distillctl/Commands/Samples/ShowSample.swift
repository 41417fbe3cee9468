import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowSampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one sample: its files and why it is not used.",
        discussion: "Example: distillctl samples show 1042")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The sample's number, as samples list shows it.")
    var id: Int64

    func run() async throws {
        let reply = try await options.client().send(ShowSample(id))
        try options.show(reply) { DatasetText.lines(reply.sample, $0) }
    }
}
