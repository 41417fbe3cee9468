import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a model on a data set.",
        discussion: """
            With labels: accuracy and the like. Without: agreement with its teacher, retrieval of \
            the right RGB picture from depth, similarity of the features.

            Example: distillctl evaluate kitchen-depth --dataset kitchen
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var model: String

    @Option(help: "The data set's name.")
    var dataset: String

    @Option(help: "Which samples: train, validation, test or all; else test.")
    var split: String?

    func run() async throws {
        let reply = try await options.client().send(
            EvaluateModel(model: model, dataset: dataset, split: split))
        try options.show(reply) { terminal in
            let samples = reply.report["samples"]?.number.map { "\(Int($0)) samples" } ?? ""
            let title = "\(reply.model) on \(reply.dataset), split \(reply.split), \(samples)"
            return [terminal.styled(title, .bold)] + Phrases.metrics(reply.metrics, terminal)
        }
    }
}
