import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ListPluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plugins that the daemon finds.",
        discussion: "Example: distillctl plugins list")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let reply = try await options.client().send(ListPlugins())
        try options.show(reply) { terminal in
            var table = Table([
                .init("ID", shrinks: true), .init("VERSION"), .init("MODALITY"), .init("STATE"),
                .init("FOLDER", shrinks: true), .init("REASON", shrinks: true),
            ])
            for plugin in reply.plugins {
                table.add([
                    plugin.id, plugin.version, plugin.modality, plugin.state, plugin.folder,
                    plugin.reason,
                ])
            }
            return terminal.lines(
                table, empty: "no plugins in \(reply.folders.joined(separator: ", "))")
        }
    }
}
