import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print a job's log.",
        discussion: """
            With -o json each line as {"line": "..."}.

            Example: distillctl logs j12 -f
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The job, such as j12.")
    var job: String

    @Flag(name: [.short, .long], help: "Stay until the job ends.")
    var follow = false

    private struct Line: Encodable { var line: String }

    func run() async throws {
        let options = options
        let request = ReadJobLog(job, follow: follow)
        if options.isJSON {
            try await options.client().lines(request) { try options.showJSONLine(Line(line: $0)) }
        } else {
            try await options.client().lines(request) { Terminal.output.write($0 + "\n") }
        }
    }
}
