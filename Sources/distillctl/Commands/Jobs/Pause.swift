import ArgumentParser
import Console
import ControlProtocol

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Checkpoint a job and set it aside until it is resumed.",
        discussion: "Example: distillctl pause j12")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    func run() async throws {
        try await options.change(job, .pause)
    }
}
