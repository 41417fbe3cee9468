import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct RescanDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescan", abstract: "Look at every file again; returns when that is done.",
        discussion: """
            Data sets without a split of their own are dealt out to train and test in blocks of frames, or by
            whole scene folders. Once a job has used the splits they stay; --split deals them anew.

            Example: distillctl datasets rescan kitchen
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The data set's name.")
    var name: String

    @Flag(
        help:
            "Deal samples out to train and test anew; models trained before have seen parts of the new test."
    )
    var split = false

    func run() async throws {
        let reply = try await options.client().send(RescanDataset(name, dealsAnew: split))
        try options.show(reply) { DatasetText.summary(reply.dataset, $0) }
    }
}
