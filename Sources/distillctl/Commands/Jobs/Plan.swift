import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a recipe would do: layers, operations, memory, disk.",
        discussion: "Example: distillctl plan recipe.toml")

    @OptionGroup var options: GlobalOptions
    @OptionGroup(title: "Recipe options") var recipe: RecipeOptions

    @Argument(
        help: "A recipe; - for standard input.", completion: .file(extensions: ["toml"]))
    var file: String?

    func run() async throws {
        let (source, name) = try recipe.source(file: file)
        let reply = try await options.client().send(PlanJob(recipe: source, file: name))
        try options.show(reply) { PlanText.lines(reply.plan, $0) }
    }
}
