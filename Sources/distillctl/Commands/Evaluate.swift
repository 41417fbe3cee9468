import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure a model on a data set.",
        discussion: """
            With labels: accuracy and the like, and probes of the features, fitted to at most 4,096 \
            labelled training samples. Without: agreement with its teacher, retrieval of the right \
            RGB picture from depth, similarity of the features, consistency under mirroring. What \
            cannot be measured is listed with the reason. The metrics are explained in \
            distillctl(1).

            Example: distillctl evaluate kitchen-depth --dataset kitchen
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The model's name.")
    var model: String

    @Option(help: "The data set's name.")
    var dataset: String

    @Option(help: "Which samples: train, validation, test or all; else test.")
    var split: String?

    @Flag(name: .customLong("no-probes"), help: "Fit nothing to training samples: faster.")
    var noProbes = false

    func run() async throws {
        let reply = try await options.client().send(
            EvaluateModel(
                model: model, dataset: dataset, split: split, probes: noProbes ? false : nil))
        try options.show(reply) { MetricText.lines(reply, $0) }
    }
}
