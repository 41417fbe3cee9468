import ArgumentParser

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Teachers and students.",
        subcommands: [
            ImportModelCommand.self, ListModelsCommand.self, ShowModelCommand.self,
            ExportModelCommand.self, RunModelCommand.self, RemoveModelCommand.self,
        ])
}
