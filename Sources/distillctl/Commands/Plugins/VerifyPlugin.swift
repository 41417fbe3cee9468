import ArgumentParser
import Console
import ControlProtocol
import Foundation

struct VerifyPluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Run every check on a plugin in a process of its own; needs no daemon.",
        discussion: """
            Exit status 1 if a check fails.

            Example: distillctl plugins verify ./my-plugin
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The plugin's folder, which holds plugin.toml.", completion: .directory)
    var path: String

    func run() async throws {
        let folder = UserFile.absolute(path)
        guard FileManager.default.fileExists(atPath: folder) else {
            throw UserFile.unreadable(path)
        }
        let isJSON = options.isJSON
        let terminal = Terminal.output
        let payload = try LocalWorker().answer(
            to: .verify(VerifyAssignment(path: folder)), role: "verify"
        ) { level, message in
            guard !isJSON else { return }
            terminal.write(terminal.styled(message, level == "error" ? .red : nil) + "\n")
        }
        let passed = payload["passed"]?.bool ?? false
        try options.show(payload) { terminal in
            [passed ? "every check passed" : terminal.styled("some checks failed", .red)]
        }
        if !passed { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}
