import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue", abstract: "Queue a job: train on labels, or distil from a teacher.",
        discussion: """
            From a recipe, see distilld-recipe(5), or from options: with --teacher the student \
            imitates it on unlabelled pairs, without it learns from labels. With --wait the exit \
            status says whether the job succeeded; Ctrl-C leaves it running.

            Examples:
              distillctl enqueue recipe.toml --wait
              distillctl enqueue --dataset kitchen --teacher resnet --student resnet18 --epochs 20
            """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup(title: "Recipe options") var recipe: RecipeOptions

    @Argument(
        help: "A recipe; - for standard input.", completion: .file(extensions: ["toml"]))
    var file: String?

    @Flag(name: [.short, .long], help: "Follow the job until it ends.")
    var wait = false

    @Option(help: "Repeating the command with the same key does not queue a second job.")
    var idempotencyKey: String?

    func run() async throws {
        let client = try options.client()
        let (source, name) = try recipe.source(file: file)
        let queued = try await client.send(
            EnqueueJob(
                recipe: source, file: name,
                idempotencyKey: idempotencyKey ?? UUID().uuidString))
        guard wait else {
            return try options.show(queued) { terminal in
                [
                    "queued \(terminal.styled(queued.job.id, .bold)) \(queued.job.name); "
                        + "see it with: distillctl watch \(queued.job.id)"
                ]
            }
        }
        let interruption = Interruption.leaving("job \(queued.job.id) goes on")
        let job = try await JobDisplay(client, options.isJSON ? .error : .output)
            .show(queued.job.id)
        interruption.end()
        try options.show(JobReply(job: job)) { JobText.ending(job, $0) }
        try job.requireSuccess()
    }
}

extension JobSummary {
    /// - Throws: `ControlError` `job.failed` or `job.cancelled` unless the job succeeded.
    func requireSuccess() throws {
        switch state {
        case .succeeded: return
        case .cancelled:
            throw ControlError("job.ended", "job \(id) was cancelled")
        default:
            throw ControlError(
                "job.ended", "job \(id) \(state.rawValue): \(error?.message ?? "no reason given")",
                hint: error?.hint ?? "its log: distillctl logs \(id)",
                details: error.map { ["code": .string($0.code)] } ?? [:])
        }
    }
}
