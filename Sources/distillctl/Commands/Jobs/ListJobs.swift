import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ListJobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the jobs.",
        discussion: "Example: distillctl ps --state running")

    @OptionGroup var options: GlobalOptions

    @Option(help: "Only jobs in this state.")
    var state: JobState?

    func run() async throws {
        let reply = try await options.client().send(ListJobs(state: state))
        try options.show(reply) { terminal in
            terminal.lines(
                JobText.table(reply.jobs, terminal),
                empty: "no jobs; queue one with: distillctl enqueue RECIPE.toml")
        }
    }
}

extension JobState: ExpressibleByArgument {}
