import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one data set and its manifest.",
        discussion: "Example: distillctl datasets show kitchen")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The data set's name.")
    var name: String

    func run() async throws {
        let reply = try await options.client().send(ShowDataset(name))
        try options.show(reply) { terminal in
            var lines = DatasetText.lines(reply.dataset, terminal)
            if let manifest = reply.dataset.manifest, !manifest.isEmpty {
                lines += terminal.heading("dataset.toml")
                lines += manifest.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { String($0) }
                if lines.last == "" { lines.removeLast() }
            }
            return lines
        }
    }
}
