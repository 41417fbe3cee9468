import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    enum Output: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(
        help: ArgumentHelp(
            "The daemon's socket; else DISTILL_SOCKET, the user's or the system's.",
            valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("How to print.", valueName: "format"))
    var output = Output.text

    @Option(
        help: ArgumentHelp(
            "How long the daemon may be silent before it is taken for stuck; 0: for ever.",
            valueName: "seconds"))
    var timeout = 10.0

    var isJSON: Bool { output == .json }

    /// The client of the daemon that the options or the environment name.
    func client() throws -> ControlClient {
        guard timeout >= 0, timeout < 1e6 else {
            throw ControlError.usage(
                "--timeout \(timeout): expected seconds, or 0 to wait for ever")
        }
        return try ControlClient(
            socketPath: SocketDiscovery.path(option: socket),
            patience: timeout > 0 ? .milliseconds(Int(timeout * 1000)) : nil)
    }

    /// Prints a command's result: the reply itself as JSON, or what `lines` makes of it.
    func show(_ reply: some Encodable, lines: (Terminal) -> [String]) throws {
        if isJSON {
            try showJSON(reply)
        } else {
            let terminal = Terminal.output
            terminal.write(lines(terminal).map { $0 + "\n" }.joined())
        }
    }

    /// Prints one JSON document, spread over lines where a person looks at it.
    func showJSON(_ reply: some Encodable) throws {
        let data = try ControlJSON.encode(reply, pretty: Terminal.output.isInteractive)
        Terminal.output.write(String(decoding: data, as: UTF8.self) + "\n")
    }

    /// Prints one line of a stream of JSON documents.
    func showJSONLine(_ value: some Encodable) throws {
        Terminal.output.write(String(decoding: try ControlJSON.encode(value), as: UTF8.self) + "\n")
    }
}
