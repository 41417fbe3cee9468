import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ListSamplesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List a data set's samples in the order of their keys.",
        discussion: """
            States: paired, rgb_only, depth_only, quarantined and others that status shows.

            Example: distillctl samples list --dataset kitchen --state quarantined
            """)

    @OptionGroup var options: GlobalOptions

    @Option(help: "The data set's name.")
    var dataset: String

    @Option(help: "Only samples in this state.")
    var state: String?

    @Option(help: "How many to list at most.")
    var limit = 100

    @Option(help: "Only samples whose key comes after this one.")
    var after: String?

    @Flag(help: "List all, whatever their number.")
    var all = false

    func run() async throws {
        guard limit > 0 else { throw ControlError.usage("--limit \(limit): expected 1 or more") }
        let client = try options.client()
        var reply = SamplesReply(samples: [], next: after)
        repeat {
            let rest = all ? 1000 : min(1000, limit - reply.samples.count)
            let page = try await client.send(
                ListSamples(dataset: dataset, state: state, after: reply.next, limit: rest))
            reply.samples += page.samples
            reply.next = page.next
        } while reply.next != nil && (all || reply.samples.count < limit)
        try options.show(reply) { terminal in
            var lines = terminal.lines(
                DatasetText.table(reply.samples, terminal), empty: "no such samples")
            if let next = reply.next {
                lines.append(
                    terminal.styled("there are more: --after \(next), or --all", .dim))
            }
            return lines
        }
    }
}
