import ArgumentParser

struct SamplesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples", abstract: "The pairs of a data set, and what is wrong with some.",
        subcommands: [
            ListSamplesCommand.self, ShowSampleCommand.self, RetrySamplesCommand.self,
        ])
}
