import ArgumentParser
import Console
import ControlProtocol

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a job; what it learnt so far is dropped.",
        discussion: "Example: distillctl cancel j12")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    func run() async throws {
        try await options.change(job, .cancel)
    }
}
