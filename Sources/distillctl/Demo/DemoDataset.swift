import Console
import ControlProtocol
import Foundation
import Synthesis

/// A synthetic data set of the demonstration.
enum DemoDataset: String, CaseIterable, Sendable {
    /// The label is the shape, seen by both cameras.
    case shapes = "demo-shapes"
    /// The label is the wall's colour, which depth cannot see.
    case colour = "demo-colour"

    /// Training and test pairs.
    func pairs(_ setting: DemoSetting) -> (train: Int, test: Int) {
        let train =
            self == .shapes ? setting.pairs : min(setting.pairs, max(40, setting.pairs * 3 / 8))
        return (train, DemoSetting.testPairs(beside: train))
    }

    func options(_ setting: DemoSetting) -> SynthesisOptions {
        let (train, test) = pairs(setting)
        var options = SynthesisOptions(
            pairs: train + test, size: 64, seed: UInt64(setting.seed))
        options.task = self == .shapes ? .shape : .colour
        options.rho = 0.95
        options.splits = [
            .init("train", share: Double(train)), .init("test", share: Double(test)),
        ]
        options.force = true
        return options
    }

    func folder(_ setting: DemoSetting) -> String { "\(setting.datasets)/\(rawValue)" }

    /// Renders the data set unless the same one is there already.
    func prepare(_ setting: DemoSetting) throws {
        let options = options(setting)
        let record = "\(setting.results)/\(rawValue).options"
        let wanted = String(describing: options)
        let manifest = folder(setting) + "/dataset.toml"
        let start = ContinuousClock.now
        if FileManager.default.fileExists(atPath: manifest),
            (try? String(contentsOfFile: record, encoding: .utf8)) == wanted
        {
            setting.terminal.write("\(rawValue): \(options.pairs) pairs are there already\n")
            return
        }
        try? FileManager.default.removeItem(atPath: record)
        let display = SynthesisDisplay(title: "rendering \(rawValue)", terminal: setting.terminal)
        defer { display.end() }
        let summary = try SceneGenerator(options).write(
            to: URL(fileURLWithPath: folder(setting))
        ) { display.show($0) }
        try wanted.write(toFile: record, atomically: true, encoding: .utf8)
        display.end()
        setting.terminal.write(
            "\(rawValue): rendered \(summary.pairs) pairs at 64 px, "
                + "\(HumanUnits.bytes(summary.bytes)), in "
                + HumanUnits.duration(seconds: (ContinuousClock.now - start).seconds) + "\n")
    }
}
