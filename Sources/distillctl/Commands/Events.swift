import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what happened, and with -f what happens.",
        discussion: """
            With -o json one event a line. Broken connections are mended without a loss.

            Example: distillctl events -f --after 1200 --type job
            """)

    @OptionGroup var options: GlobalOptions

    @Flag(name: [.short, .long], help: "Stay and show what happens.")
    var follow = false

    @Option(help: "Only events behind this number.")
    var after: Int64?

    @Option(
        name: .customLong("type"), parsing: .singleValue,
        help: ArgumentHelp(
            "Only this type, or all that begin with it: job, job.failed. May be repeated.",
            valueName: "type"))
    var types: [String] = []

    func run() async throws {
        let events = try options.client().events(after: after, types: types, follow: follow)
        for try await event in events {
            if options.isJSON {
                try options.showJSONLine(event)
            } else {
                Terminal.output.write(EventsCommand.line(event, .output) + "\n")
            }
        }
    }

    static func line(_ event: ControlEvent, _ terminal: Terminal) -> String {
        let number = event.isStored ? String(event.sequence) : ""
        let parts = [
            terminal.styled(clock(event.time), .dim), number.padded(toWidth: 6, alignment: .right),
            terminal.styled(event.type.padded(toWidth: 18), style(event)),
            (event.subject ?? "").padded(toWidth: 12), text(event.data),
        ]
        return parts.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }

    private static func clock(_ time: Timestamp) -> String {
        let text = time.date.formatted(
            Date.ISO8601FormatStyle(timeZone: .current).year().month().day().dateSeparator(.dash)
                .time(includingFractionalSeconds: false).dateTimeSeparator(.space))
        return text.replacingOccurrences(of: "Z", with: "")
    }

    private static func style(_ event: ControlEvent) -> Style? {
        let last = event.type.split(separator: ".").last ?? ""
        return Style.state(event.data["state"]?.string ?? String(last))
    }

    /// `name=kitchen phase=training`; what nests is left to -o json.
    private static func text(_ data: JSONValue) -> String {
        guard case .object(let members) = data else { return "" }
        return members.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
            switch value {
            case .string(let text): "\(name)=\(text)"
            case .integer(let number): "\(name)=\(number)"
            case .number(let number): "\(name)=\(Phrases.metric(number))"
            case .bool(let flag): "\(name)=\(flag)"
            case .object(let inner):
                inner["total"]?.number.map { "\(name)=\(HumanUnits.decimal($0, places: 4))" }
            default: nil
            }
        }.joined(separator: " ")
    }
}
