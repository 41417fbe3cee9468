import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct AddDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Register a folder; returns when it is scanned.",
        discussion: """
            The folder is only ever read. What its files mean is said by its dataset.toml, see \
            distilld-recipe(5); without one the layout is guessed.

            Example: distillctl datasets add ~/recordings/kitchen --name kitchen
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The folder.", completion: .directory)
    var path: String

    @Option(help: "The data set's name; else the folder's.")
    var name: String?

    @Option(help: "How files pair: auto, stem or suffix.")
    var layout = "auto"

    @Flag(help: "Return at once; the scan goes on.")
    var noWait = false

    func run() async throws {
        let folder = UserFile.absolute(path)
        let request = AddDataset(
            path: folder, name: name, layout: layout == "auto" ? nil : layout, wait: !noWait)
        let reply = try await options.client().send(request)
        try options.show(reply) { DatasetText.summary(reply.dataset, $0) }
        guard noWait || reply.dataset.samples["paired", default: 0] > 0 else {
            throw ControlError(
                "dataset.no_pairs",
                "\(reply.dataset.name) is added and watched, but has no pair to learn from yet",
                hint:
                    "mend what the warnings say, then `distillctl datasets rescan \(reply.dataset.name)`"
            )
        }
    }
}
