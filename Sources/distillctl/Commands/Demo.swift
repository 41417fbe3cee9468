import ArgumentParser
import Configuration
import Console
import ControlProtocol
import Foundation

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the whole product on synthetic data, with a daemon of its own.",
        discussion: """
            Renders paired scenes, trains an RGB teacher, distils a depth student from unlabelled \
            pairs and measures it against its controls. Writes report.json and report.html into \
            FOLDER/demo; -o json prints the former. Exit status 1 if a gate fails.

            Example: distillctl demo --folder .distill --datasets datasets
            """)

    @OptionGroup var options: GlobalOptions

    @Option(help: "Where the daemon keeps its state and the results go.", completion: .directory)
    var folder = ".distill"

    @Option(help: "Where the synthetic data sets are written.", completion: .directory)
    var datasets = "datasets"

    @Option(help: "Training pairs; a quarter as many again, at most 1000, are for testing.")
    var pairs = 4000

    @Option(help: "How often each pair is seen.")
    var epochs = 10

    @Option(help: "Equal seeds give equal scenes and equal runs.")
    var seed = 0

    @Option(help: "What is computed in: automatic, float32 or bfloat16.")
    var precision = Recipe.Precision.automatic.rawValue

    @Flag(help: "Leave the daemon running at the end.")
    var keepRunning = false

    func run() async throws {
        guard options.socket == nil else {
            throw ControlError.usage("--socket: the demo starts a daemon of its own")
        }
        guard pairs >= 40, epochs >= 1, seed >= 0 else {
            throw ControlError.usage(
                "expected --pairs of at least 40, --epochs of at least 1, --seed of at least 0")
        }
        guard let precision = Recipe.Precision(rawValue: precision) else {
            let known = Recipe.Precision.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError.usage("--precision \(precision): expected one of \(known)")
        }
        let setting = DemoSetting(
            folder: UserFile.absolute(folder), datasets: UserFile.absolute(datasets),
            pairs: pairs, epochs: epochs, seed: seed, precision: precision,
            keepsRunning: keepRunning,
            terminal: options.isJSON ? .error : .output)
        let report = try await DemoRun(setting).run()
        if options.isJSON {
            try options.showJSON(report.json)
        }
        guard report.gates.allSatisfy(\.passed) else {
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }
}
