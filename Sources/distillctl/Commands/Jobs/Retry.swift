import ArgumentParser
import Console
import ControlProtocol

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Queue a failed or cancelled job again.",
        discussion: "Example: distillctl retry j12")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    func run() async throws {
        try await options.change(job, .retry)
    }
}
