import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ListDatasetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the data sets.",
        discussion: "Example: distillctl datasets list")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let reply = try await options.client().send(ListDatasets())
        try options.show(reply) { terminal in
            terminal.lines(
                DatasetText.table(reply.datasets, terminal),
                empty: "no data sets; add one with: distillctl datasets add FOLDER")
        }
    }
}
