import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ShowJobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one job with its metrics and its recipe.",
        discussion: "Example: distillctl show j12")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    func run() async throws {
        let reply = try await options.client().send(ShowJob(job))
        try options.show(reply) { JobText.lines(reply.job, $0) }
    }
}
