import ArgumentParser
import ControlProtocol
import Distillation
import Foundation
import Worker

/// `distill-bench batches`: the batches of a finished run on labels, for another program to train on.
struct BatchesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batches",
        abstract: "Writes what a finished run saw, step by step, and what it began with.")

    @Argument(help: "The run's folder: recipe.resolved.toml, manifest.toml, samples.jsonl.")
    var folder: String

    @Option(help: "The data set's folder.")
    var dataset: String

    @Option(help: "The folder of plugins.")
    var plugins: String

    @Option(help: "The folder to write to.")
    var output: String

    func run() throws {
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        }
        let assignment = TrainAssignment(
            job: "batches", runFolder: output, recipe: try text("recipe.resolved.toml"),
            dataset: DatasetReference(
                name: "batches", root: dataset, manifest: try text("manifest.toml"),
                samples: "\(folder)/samples.jsonl"),
            teacher: nil, initial: nil, checkpoints: [],
            surroundings: WorkerSurroundings(
                pluginFolders: [plugins], cacheFolder: "\(output)/cache", cacheQuota: nil,
                threads: 1))
        try printLine(
            try BatchRecord.write(
                TrainRole.request(assignment), to: URL(fileURLWithPath: output)))
    }
}
