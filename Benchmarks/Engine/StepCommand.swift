import ArgumentParser
import Execution
import Foundation
import Graphs
import Tensors

/// `distill-bench step`: how long the engine's own steps take, and what they cost in memory.
struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Times the engine's steps of one workload.")

    enum Precision: String, ExpressibleByArgument, Encodable { case float32, bfloat16 }

    @OptionGroup var workload: Workload

    @Option(help: "What activations are kept in: float32 or bfloat16.")
    var precision = Precision.float32

    @Option(help: "Steps that are timed; the median and the best are reported.")
    var runs = 12

    @Option(help: "Steps before those.")
    var warmups = 3

    @Flag(help: "Report the time of every kind of step and of the slowest 30.")
    var profile = false

    func validate() throws {
        guard runs >= 1, warmups >= 1 else { throw ValidationError("at least one run and warm-up") }
    }

    func run() throws {
        let graph = try workload.graph()
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 1)
        let clock = ContinuousClock()
        let began = clock.now
        let plan = try CPUExecutor().compile(graph, store: store, options: options())
        let compiled = clock.now - began
        try workload.feed(plan)
        for _ in 0..<warmups { try plan.run() }
        let before = Processor.allocatedByteCount
        for _ in 0..<runs { try plan.run() }
        let allocated = Processor.allocatedByteCount - before
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = clock.now
            try plan.run()
            seconds.append((clock.now - start) / .seconds(1))
        }
        let peak = try peakByteCount()
        seconds.sort()
        var report = StepReport(
            workload: workload, precision: precision, median: seconds[seconds.count / 2],
            best: seconds[0], compileSeconds: compiled / .seconds(1), plan: plan.report)
        report.stateByteCount = try store.names.reduce(0) { try $0 + 4 * store.shape(of: $1).count }
        report.peakByteCount = peak
        report.allocatedByteCountPerStep = allocated / runs
        report.loss = workload.frozen ? nil : try plan.scalar("loss")
        if profile { report.profile = StepProfile(try plan.profile(runs: 5)) }
        try printLine(report)
    }

    private func options() -> PlanOptions {
        PlanOptions(
            threads: workload.threads, label: workload.architecture, inference: workload.frozen,
            precision: precision == .bfloat16 ? .bfloat16 : .float32)
    }

    /// The most memory that the process ever held.
    private func peakByteCount() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return
            (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap {
                Int($0)
            } ?? 0) * 1024
    }
}
