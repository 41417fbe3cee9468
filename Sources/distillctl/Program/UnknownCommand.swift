import ArgumentParser
import Configuration
import ControlProtocol

/// A word where a command is expected: the parser only calls it unexpected.
enum UnknownCommand {
    /// The error that names the nearest command; nil where the first words are all commands.
    static func error(in arguments: [String]) -> ControlError? {
        var command: any ParsableCommand.Type = DistillCtl.self
        var path = "distillctl"
        var words = arguments[...]
        while let word = words.popFirst() {
            if ["--socket", "--timeout", "-o", "--output"].contains(word) {
                _ = words.popFirst()
                continue
            }
            if word.hasPrefix("-") { continue }
            let known = subcommands(of: command)
            guard !known.isEmpty, word != "help" else { return nil }
            if let next = known.first(where: { name(of: $0) == word }) {
                command = next
                path += " \(word)"
                continue
            }
            let names = known.map(name)
            let near = NearestKey.of(word, among: names)
            return .usage(
                "there is no command `\(path) \(word)`",
                hint: near.map { "did you mean `\(path) \($0)`?" }
                    ?? "expected \(NearestKey.list(names))")
        }
        return nil
    }

    private static func subcommands(
        of command: any ParsableCommand.Type
    ) -> [any ParsableCommand.Type] {
        command.configuration.subcommands
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? ""
    }
}
