import ArgumentParser
import Configuration
import Console
import ControlProtocol
import Foundation
import Synthesis

/// The end of a command that did not succeed: what it prints and what it exits with.
struct Failure {
    private enum Ending {
        /// Help, a version or an exit status that a command chose; already explained.
        case parser(any Error)
        case error(ControlError, ExitStatus, usage: String?)
    }

    private let ending: Ending

    init(_ error: any Error) {
        switch error {
        case let error as ControlError:
            ending = .error(error, error.exitStatus, usage: nil)
        case let error as ConfigurationError:
            ending = .error(ControlError(error), .failed, usage: nil)
        case let error as SynthesisError:
            let control = ControlError("synthesis.\(error.code.rawValue)", error.message)
            ending = .error(
                control, error.code == .invalidOption ? .usage : .failed, usage: nil)
        default:
            ending = Failure.parsed(error)
        }
    }

    /// What the argument parser threw, or an error that nobody foresaw.
    private static func parsed(_ error: any Error) -> Ending {
        let status = DistillCtl.exitCode(for: error)
        guard status == .validationFailure else {
            if status == .success || error is ExitCode { return .parser(error) }
            return .error(
                ControlError("internal", DistillCtl.message(for: error)), .failed, usage: nil)
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let unknown = UnknownCommand.error(in: arguments) {
            return .error(unknown, .usage, usage: nil)
        }
        let full = DistillCtl.fullMessage(for: error)
        let usage = full.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.hasPrefix("Usage:") && !$0.hasPrefix("Help:") }.joined(separator: "\n")
        return .error(
            ControlError("usage", DistillCtl.message(for: error)), .usage, usage: usage)
    }

    /// Prints the error as the command line asked for and ends the process.
    func exit() -> Never {
        switch ending {
        case .parser(let error):
            DistillCtl.exit(withError: error)
        case .error(let error, let status, let usage):
            Terminal.error.write(
                Failure.wantsJSON ? Failure.json(error) : Failure.text(error, usage: usage))
            Foundation.exit(status.rawValue)
        }
    }

    static func text(_ error: ControlError, usage: String? = nil) -> String {
        let terminal = Terminal.error
        var text = "\(terminal.styled("distillctl:", .red)) \(error.message)\n"
        if let hint = error.hint { text += "\(terminal.styled("hint:", .yellow)) \(hint)\n" }
        if let usage, !usage.isEmpty { text += usage + "\n" }
        return text
    }

    private static func json(_ error: ControlError) -> String {
        let data = (try? ControlJSON.encode(ErrorReply(error))) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// Whether `-o json` stands on the command line; errors of the parser itself need to know too.
    private static var wantsJSON: Bool {
        let arguments = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        if arguments.contains(where: { ["-ojson", "-o=json", "--output=json"].contains($0) }) {
            return true
        }
        return zip(arguments, arguments.dropFirst()).contains {
            ["-o", "--output"].contains($0) && $1 == "json"
        }
    }
}

extension ControlError {
    /// A mistake in a file that the command line itself reads.
    init(_ error: ConfigurationError) {
        self.init(
            "configuration.\(error.code.rawValue)", error.message,
            hint: error.hint.isEmpty ? nil : error.hint)
    }

    /// What stands on the command line cannot be meant.
    static func usage(_ message: String, hint: String? = nil) -> ControlError {
        ControlError("usage", message, hint: hint)
    }
}
