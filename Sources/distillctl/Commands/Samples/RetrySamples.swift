import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct RetrySamplesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Take samples out of quarantine and inspect them again.",
        discussion: "Example: distillctl samples retry 1042 1043")

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The samples' numbers.")
    var ids: [Int64]

    func run() async throws {
        let reply = try await options.client().send(RetrySamples(ids))
        try options.show(reply) { terminal in
            var lines: [String] = []
            if !reply.retried.isEmpty {
                lines.append(
                    "inspected again: \(reply.retried.map(String.init).joined(separator: ", "))")
            }
            if !reply.skipped.isEmpty {
                let names = reply.skipped.map(String.init).joined(separator: ", ")
                lines.append(
                    terminal.styled("not in quarantine, left alone: \(names)", .yellow))
            }
            return lines
        }
    }
}
