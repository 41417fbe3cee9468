import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have the daemon reread its configuration.",
        discussion: """
            An unreadable configuration is refused and the old one stays in force.

            Example: distillctl reload
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let reply = try await options.client().send(ReloadConfiguration())
        try options.show(reply) { terminal in
            var lines = reply.applied.map { "in force: \($0)" }
            lines += reply.needsRestart.map {
                terminal.styled("needs a restart of distilld: \($0)", .yellow)
            }
            return lines.isEmpty ? ["nothing changed"] : lines
        }
    }
}
