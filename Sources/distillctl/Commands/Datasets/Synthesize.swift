import ArgumentParser
import Console
import ControlProtocol
import Foundation
import Synthesis

struct SynthesizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract: "Render a synthetic paired data set; needs no daemon.",
        discussion: """
            Ray-cast scenes of ten shapes in RGB and depth, with labels and dataset.toml. Equal \
            options give equal bytes.

            Example: distillctl datasets synthesize ./shapes --pairs 2000 --size 64 --seed 1
            """)

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The folder to fill; made where it is missing.", completion: .directory)
    var path: String

    @Option(help: "How many pairs, the test pairs included.")
    var pairs: Int

    @Option(help: "Width and height in pixels: 64 or 640x480.")
    var size = "64"

    @Option(help: "Equal seeds give equal scenes.")
    var seed: UInt64 = 0

    @Option(help: "What the label says: shape (seen by both cameras) or colour (RGB only).")
    var task = "shape"

    @Option(help: "How surely an object wears its class's palette, 0 to 1.")
    var rho = 0.95

    @Option(help: "How files pair: stem or suffix.")
    var layout = "stem"

    @Option(help: "How many of the pairs are for testing; else one in five.")
    var test: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Whether both cameras add noise; without it depth is exact to the millimetre.")
    var sensorNoise = true

    @Flag(help: "Replace an earlier synthetic set in the folder.")
    var force = false

    /// What is printed with -o json.
    struct Report: Encodable {
        var path: String
        var pairs: Int
        var bytes: Int
        var splits: [String: Int]
        var contradicting: Int
        var seconds: Double
    }

    func run() async throws {
        let generator = try SceneGenerator(synthesis())
        let folder = UserFile.absolute(path)
        let progress = SynthesisDisplay(
            title: "rendering", terminal: options.isJSON ? .error : .output)
        let summary = try generator.write(to: URL(fileURLWithPath: folder)) {
            progress.show($0)
        }
        progress.end()
        let report = Report(
            path: folder, pairs: summary.pairs, bytes: summary.bytes, splits: summary.pairsInSplit,
            contradicting: summary.contradicting, seconds: summary.duration.seconds)
        try options.show(report) { _ in
            [
                "\(report.pairs) pairs (\(Phrases.counts(report.splits))), "
                    + "\(report.contradicting) of them with a misleading palette, "
                    + "\(HumanUnits.bytes(report.bytes)) in "
                    + HumanUnits.duration(seconds: report.seconds),
                "next: distillctl datasets add \(folder)",
            ]
        }
    }

    private func synthesis() throws -> SynthesisOptions {
        let (width, height) = try SynthesisOptions.size(parsing: size)
        var synthesis = SynthesisOptions(pairs: pairs, width: width, height: height, seed: seed)
        guard let named = SynthesisOptions.Task(rawValue: task) else {
            throw ControlError.usage("--task \(task): expected shape or colour")
        }
        synthesis.task = named
        synthesis.rho = rho
        synthesis.layout = layout
        synthesis.sensorNoise = sensorNoise
        synthesis.force = force
        if let test {
            guard (0...pairs).contains(test) else {
                throw ControlError.usage("--test \(test): expected 0 to \(pairs), as --pairs says")
            }
            synthesis.splits = [
                .init("train", share: Double(pairs - test)), .init("test", share: Double(test)),
            ]
        }
        return synthesis
    }
}
