import ArgumentParser
import Execution
import Worker

/// `distill-worker ROLE`: everything that touches users' files, plugins or model bytes.
@main
struct DistillWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distill-worker",
        abstract: "Works on one assignment of distilld and exits.",
        discussion: """
            Started and supervised by distilld, one process for each running job. By hand: write an \
            assignment as JSON and pass it with --assignment; reports come out as JSON lines.
            """)

    @Argument(
        help:
            "train, inspect, survey, look, import, plan, evaluate, compare, verify, predict or run")
    var role: String

    @Option(help: "The connected socket to the daemon.")
    var controlFd: Int32 = 3

    @Option(help: "Read the assignment from FILE (- for standard input) and report on stdout.")
    var assignment: String?

    static func main() {
        LibrarySettings.configure()
        main(nil)
    }

    func run() throws {
        let status = WorkerProcess.run(
            role: role, source: assignment.map { .file($0) } ?? .socket(controlFd))
        throw ExitCode(status)
    }
}
