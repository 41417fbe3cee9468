import ArgumentParser
import CKernels
import Execution
import Foundation

/// `distill-bench step|limit|batches`: one workload of the engine, or the terms of its limit, in a process of its own.
@main
struct DistillBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distill-bench",
        abstract: "Times training steps and forward passes, and what the machine would allow.",
        discussion: "Started by Benchmarks/run. Every command prints one line of JSON.",
        subcommands: [StepCommand.self, LimitCommand.self, BatchesCommand.self])

    static func main() {
        LibrarySettings.configure()
        main(nil)
    }
}

/// Prints a report as one line of JSON.
func printLine(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
}
