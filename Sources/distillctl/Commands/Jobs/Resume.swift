import ArgumentParser
import Console
import ControlProtocol

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Queue a paused job again; it goes on from its checkpoint.",
        discussion: "Example: distillctl resume j12")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    func run() async throws {
        try await options.change(job, .resume)
    }
}
