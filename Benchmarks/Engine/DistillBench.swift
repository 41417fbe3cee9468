import ArgumentParser
import CKernels
import Execution
import Foundation

/// `distill-bench step|limit`: one workload of the engine, or the terms of its limit, in a process of its own.
@main
struct DistillBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distill-bench",
        abstract: "Times training steps and forward passes, and what the machine would allow.",
        discussion: "Started by Benchmarks/run. Every command prints one line of JSON.",
        subcommands: [StepCommand.self, LimitCommand.self])

    static func main() {
        waitAsWorkersDo()
        main(nil)
    }

    /// Starts the program again with the short spin of `distill-worker`, unless the environment says how to
    /// wait: the OpenMP run-time reads it before `main`.
    private static func waitAsWorkersDo() {
        let variable = "GOMP_SPINCOUNT"
        guard getenv(variable) == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
        setenv(variable, "1000", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
}

/// Prints a report as one line of JSON.
func printLine(_ report: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
}
