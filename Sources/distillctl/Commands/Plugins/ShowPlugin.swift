import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowPluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one plugin.",
        discussion: "Example: distillctl plugins show rgb")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The plugin's id, or its modality.")
    var id: String

    func run() async throws {
        let reply = try await options.client().send(ListPlugins())
        let found =
            reply.plugins.first { $0.id == id && $0.state != "shadowed" }
            ?? reply.plugins.first { $0.id == id }
            ?? reply.plugins.first { $0.modality == id && $0.state == "available" }
        guard let plugin = found else {
            let known = Set(reply.plugins.map(\.id)).sorted().joined(separator: ", ")
            throw ControlError(
                "plugin.not_found", "there is no plugin `\(id)`",
                hint: known.isEmpty
                    ? "none lies in \(reply.folders.joined(separator: ", "))" : "known: \(known)")
        }
        try options.show(PluginReply(plugin: plugin)) { terminal in
            var fields = Fields()
            fields.add("plugin", plugin.id)
            fields.add("version", plugin.version)
            fields.add("modality", plugin.modality)
            fields.add("state", plugin.state)
            fields.add("reason", plugin.reason)
            fields.add("folder", plugin.folder)
            fields.add("library", plugin.library)
            return fields.lines(terminal)
        }
    }
}
