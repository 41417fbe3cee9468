import ArgumentParser
import Console
import ControlClient
import ControlProtocol

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Measure models on the same samples, side by side.",
        discussion: """
            Each model is measured as `evaluate` does. Differences to the baseline are paired: they \
            are taken sample by sample, and marked where the 95 % interval leaves 0 out. Models of \
            one recipe under several seeds are summarised as mean and Student's t interval over the \
            seeds. With --few and --oracle, how much of the gap between the two each model closes: \
            (accuracy - few) / (oracle - few). The metrics are explained in distillctl(1).

            Example: distillctl compare kitchen-depth kitchen-depth-2 --dataset kitchen --few \
            kitchen-few --oracle kitchen-oracle
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The models' names.")
    var models: [String]

    @Option(help: "The data set's name.")
    var dataset: String

    @Option(help: "Which samples: train, validation, test or all; else test.")
    var split: String?

    @Option(help: ArgumentHelp("Whom to compare with; else the first.", valueName: "model"))
    var baseline: String?

    @Option(help: ArgumentHelp("The model that learnt from few labels.", valueName: "model"))
    var few: String?

    @Option(help: ArgumentHelp("The model that learnt from all labels.", valueName: "model"))
    var oracle: String?

    @Flag(name: .customLong("no-probes"), help: "Fit nothing to training samples: faster.")
    var noProbes = false

    func validate() throws {
        guard (few == nil) == (oracle == nil) else {
            throw ValidationError("--few and --oracle belong together: name both or neither")
        }
        let named = Set(models + [baseline, few, oracle].compactMap(\.self))
        guard named.count > 1 else {
            throw ValidationError(
                "a comparison needs two models; `distillctl evaluate` measures one")
        }
    }

    func run() async throws {
        let reply = try await options.client().send(
            CompareModels(
                models: models, dataset: dataset, split: split, baseline: baseline, few: few,
                oracle: oracle, probes: noProbes ? false : nil))
        try options.show(reply) { ComparisonText.lines(reply, $0) }
    }
}
