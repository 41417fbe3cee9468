import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the versions of this program and of the daemon.",
        discussion: "Example: distillctl version -o json")

    @OptionGroup var options: GlobalOptions

    /// `{"client": {...}, "daemon": {...}}`; `daemon` is null where none answers.
    struct Report: Encodable {
        struct Client: Encodable {
            var version: String
            var api: Int
        }
        var client: Client
        var daemon: VersionReply?

        enum CodingKeys: CodingKey { case client, daemon }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(client, forKey: .client)
            try values.encode(daemon, forKey: .daemon)
        }
    }

    func run() async throws {
        let client = Report.Client(version: ProductVersion.current, api: ProductVersion.api)
        do {
            let daemon = try await options.client().send(GetVersion())
            try show(Report(client: client, daemon: daemon))
        } catch let error as ControlError {
            try show(Report(client: client, daemon: nil))
            throw error
        }
    }

    private func show(_ report: Report) throws {
        try options.show(report) { terminal in
            var fields = Fields()
            fields.add("distillctl", "\(report.client.version), protocol \(report.client.api)")
            if let daemon = report.daemon {
                fields.add(
                    "distilld",
                    "\(daemon.version), protocol "
                        + (daemon.minAPI == daemon.api
                            ? "\(daemon.api)" : "\(daemon.minAPI) to \(daemon.api)"))
                fields.add("capabilities", daemon.capabilities.joined(separator: ", "))
            }
            return fields.lines(terminal)
        }
    }
}
