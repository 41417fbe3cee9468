import ArgumentParser

struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "Modalities: what can be read.",
        subcommands: [
            ListPluginsCommand.self, ShowPluginCommand.self, VerifyPluginCommand.self,
        ])
}
