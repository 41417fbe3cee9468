import ArgumentParser

struct DatasetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets", abstract: "Folders of paired recordings.",
        subcommands: [
            AddDatasetCommand.self, ListDatasetsCommand.self, ShowDatasetCommand.self,
            LookDatasetCommand.self,
            RescanDatasetCommand.self, RemoveDatasetCommand.self, SynthesizeCommand.self,
        ])
}
