import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that can be wrong, and say how to mend it.",
        discussion: """
            Exit status 1 if something failed; warnings are allowed.

            Example: distillctl doctor
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = try options.client()
        let version = try await client.send(GetVersion())
        let remote = try await client.send(GetDoctor())
        let reply = DoctorReply(checks: [socket(client.socketPath, version)] + remote.checks)
        try options.show(reply) { terminal in
            reply.checks.flatMap { DoctorCommand.lines($0, terminal) }
                + [reply.healthy ? "all is well" : terminal.styled("something failed", .red)]
        }
        if !reply.healthy { throw ExitCode(ExitStatus.failed.rawValue) }
    }

    /// What can be seen from this side only.
    private func socket(_ path: String, _ version: VersionReply) -> DoctorReply.Check {
        let found = "distilld \(version.version) answers at \(path)"
        guard (version.minAPI...max(version.minAPI, version.api)).contains(ProductVersion.api)
        else {
            return DoctorReply.Check(
                "socket", .failed,
                "\(found) but speaks protocol \(version.minAPI) to \(version.api), this program "
                    + "\(ProductVersion.api)",
                hint: "install the same version of distilld and distillctl")
        }
        guard version.version == ProductVersion.current else {
            return DoctorReply.Check(
                "socket", .warning, "\(found), distillctl is \(ProductVersion.current)",
                hint: "restart distilld after an upgrade: systemctl restart distilld")
        }
        return DoctorReply.Check("socket", .ok, found)
    }

    private static func lines(_ check: DoctorReply.Check, _ terminal: Terminal) -> [String] {
        let mark =
            switch check.outcome {
            case .ok: terminal.styled("ok     ", .green)
            case .warning: terminal.styled("warning", .yellow)
            case .failed: terminal.styled("FAILED ", .red)
            }
        let line = "\(mark)  \(terminal.styled(check.name, .bold)): \(check.message)"
        return [line] + (check.hint.map { ["         hint: \($0)"] } ?? [])
    }
}
