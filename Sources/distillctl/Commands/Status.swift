import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the daemon is doing.",
        discussion: "Example: distillctl status")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let status = try await options.client().send(GetStatus())
        try options.show(status) { StatusCommand.lines(status, $0) }
    }

    static func lines(_ status: StatusReply, _ terminal: Terminal) -> [String] {
        var fields = Fields()
        fields.add(
            "distilld",
            "\(status.version), \(terminal.state(status.state)), pid \(status.pid), up "
                + HumanUnits.duration(seconds: status.uptimeSeconds))
        fields.add("socket", status.socket)
        fields.add(
            "state", "\(status.stateFolder), \(HumanUnits.bytes(Int(status.diskFreeBytes))) free")
        fields.add("memory", HumanUnits.bytes(Int(status.memory.residentBytes)))
        let jobs = Phrases.counts(status.jobs)
        fields.add("jobs", jobs.isEmpty ? "none" : jobs)
        fields.add("data sets", String(status.datasets.count))
        fields.add("models", String(status.models))
        var lines = fields.lines(terminal)
        if !status.running.isEmpty {
            lines += [""] + terminal.lines(JobText.table(status.running, terminal), empty: "")
        }
        if !status.datasets.isEmpty {
            lines +=
                [""]
                + terminal.lines(DatasetText.table(status.datasets, terminal), empty: "")
        }
        if !status.warnings.isEmpty { lines.append("") }
        return lines + status.warnings.map { terminal.styled("warning: \($0)", .yellow) }
    }
}
