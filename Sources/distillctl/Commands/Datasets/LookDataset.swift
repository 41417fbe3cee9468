import ArgumentParser
import Console
import ControlClient
import ControlProtocol
import Foundation

struct LookDatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "look", abstract: "Draw pairs as teacher and student see them.",
        discussion: """
            A PNG with a row for each pair: colour picture, depth in colours with a scale in metres and its holes, \
            both laid over one another, the student's view and what its encoding makes of it, and a histogram. \
            The terminal tells the figures.

            Examples:
              distillctl datasets look kitchen
              distillctl datasets look kitchen --sample frame-000012 --to pair.png
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The data set's name.")
    var name: String

    @Option(help: "The key of one pair; without: several, spread over the data set.")
    var sample: String?

    @Option(help: "How many pairs, where no --sample is named.")
    var count = 6

    @Option(
        help: "The PNG to write; without: NAME-look.png in this folder.", completion: .file())
    var to: String?

    @Option(help: "The student's modality.")
    var modality = "depth"

    @Option(help: "The student's encoding; without: the plugin's usual one.")
    var encoding = ""

    @Option(help: "Height and width of the student's input in pixels.")
    var size = 64

    func run() async throws {
        guard (1...64).contains(count) else {
            throw ControlError.usage("--count \(count): expected 1 to 64 pairs")
        }
        guard (16...1024).contains(size) else {
            throw ControlError.usage("--size \(size): expected 16 to 1024 pixels")
        }
        let client = try options.client()
        let dataset = try await client.send(ShowDataset(name)).dataset
        guard dataset.modalities.contains(modality) else {
            throw ControlError.usage(
                "\(dataset.name) has no \(modality): it has "
                    + dataset.modalities.joined(separator: ", "))
        }
        let pairs = try await pairs(of: dataset, client)
        let plugins = try await client.send(ListPlugins())
        let file = UserFile.absolute(to ?? "\(dataset.name)-look.png")
        let assignment = WorkerAssignment.look(
            LookAssignment(
                root: dataset.path, manifest: dataset.manifest ?? "", pairs: pairs,
                modality: modality, encoding: encoding, size: size, to: file,
                surroundings: LocalWorker.surroundings(further: plugins.folders)))
        let reply = try LocalWorker().answer(to: assignment, role: "look")
            .decoded(as: LookReply.self)
        try options.show(reply) { LookText.lines(reply, $0) }
    }

    private func pairs(
        of dataset: DatasetSummary, _ client: ControlClient
    ) async throws -> [LookAssignment.Pair] {
        var found: [LookAssignment.Pair] = []
        var after: String?
        repeat {
            let page = try await client.send(
                ListSamples(dataset: dataset.name, state: "paired", after: after, limit: 1_000))
            for sample in page.samples where self.sample == nil || sample.key == self.sample {
                found.append(
                    LookAssignment.Pair(key: sample.key, files: sample.files.mapValues(\.path)))
            }
            after = page.next
        } while after != nil && (sample == nil || found.isEmpty)
        guard !found.isEmpty else {
            let total = dataset.samples["paired"] ?? 0
            throw ControlError(
                "sample.not_found",
                sample.map { "\(dataset.name) has no pair with the key `\($0)`" }
                    ?? "\(dataset.name) has no pairs",
                hint: total == 0
                    ? "`distillctl datasets show \(dataset.name)` says why"
                    : "`distillctl samples list --dataset \(dataset.name)` shows the keys")
        }
        guard found.count > count else { return found }
        return (0..<count).map { found[$0 * found.count / count] }
    }
}
