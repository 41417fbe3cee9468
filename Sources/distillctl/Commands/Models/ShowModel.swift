import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one model: its nodes, size and metrics.",
        discussion: """
            Nodes with a tap's name can be compared: in a recipe, [[objective]] teacher = "NAME". \
            With -o json every node is listed, with all its names.

            Example: distillctl models show kitchen-depth
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var name: String

    /// What is printed with -o json.
    struct Report: Encodable {
        var model: ModelSummary
        var layers: [ModelLayer]
    }

    func run() async throws {
        let client = try options.client()
        let model = try await client.send(ShowModel(name)).model
        let layers = try await client.send(ShowModelLayers(name)).layers
        try options.show(Report(model: model, layers: layers)) { terminal in
            ModelText.layers(layers, terminal) + ModelText.lines(model, terminal)
        }
    }
}
