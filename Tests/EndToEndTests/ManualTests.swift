import ControlProtocol
import Foundation
import Testing

extension EndToEndTests {
    @Suite struct ManualTests {
        /// Every command and every long option of the help stands in distillctl(1).
        @Test func theManualNamesEveryCommandAndOption() async throws {
            let dump = try await Program.run(
                "distillctl", ["--experimental-dump-help"],
                environment: ProcessInfo.processInfo.environment)
            let help = try ControlJSON.decode(JSONValue.self, from: Data(dump.output.utf8))
            let manual = try String(
                contentsOfFile: "\(Program.package)/Packaging/man/distillctl.1", encoding: .utf8
            ).replacingOccurrences(of: "\\-", with: "-")
            let root = try #require(help["command"])
            for (words, options) in commands(root, path: []) {
                #expect(manual.contains("\\fB\(words)\\fR"), "\(words)")
                for option in options {
                    #expect(manual.contains("--\(option)"), "\(words) --\(option)")
                }
            }
        }

        /// The commands without subcommands, and their long options.
        private func commands(_ command: JSONValue, path: [String]) -> [(String, [String])] {
            if case .array(let children)? = command["subcommands"], !children.isEmpty {
                return children.filter { $0["commandName"]?.string != "help" }.flatMap { child in
                    commands(child, path: path + [child["commandName"]?.string ?? ""])
                }
            }
            guard case .array(let arguments)? = command["arguments"] else {
                return [(path.joined(separator: " "), [])]
            }
            let options = arguments.compactMap { argument -> String? in
                guard argument["kind"]?.string != "positional",
                    argument["preferredName"]?["kind"]?.string == "long"
                else { return nil }
                return argument["preferredName"]?["name"]?.string
            }
            return [(path.joined(separator: " "), options)]
        }
    }
}
