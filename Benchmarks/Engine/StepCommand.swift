import ArgumentParser
import Execution
import Foundation
import Graphs
import Tensors

/// `distill-bench step`: how long the engine's own steps take, and what they cost in memory.
struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Times the engine's steps of one workload.")

    enum Precision: String, ExpressibleByArgument, Encodable { case float32, bfloat16, int8 }

    @OptionGroup var workload: Workload

    @Option(help: "What activations are kept in: float32, bfloat16 or, with --frozen, int8.")
    var precision = Precision.float32

    @Option(help: "Steps that are timed; the median and the best are reported.")
    var runs = 12

    @Option(help: "Steps before those.")
    var warmups = 3

    @Flag(help: "Report the time of every kind of step and of the slowest 60.")
    var profile = false

    func validate() throws {
        guard runs >= 1, warmups >= 1 else { throw ValidationError("at least one run and warm-up") }
        guard precision != .int8 || workload.frozen else {
            throw ValidationError("int8 is for --frozen networks")
        }
    }

    func run() throws {
        let graph = try workload.graph()
        let store = StateStore()
        try store.declare(statesOf: graph, seed: 1)
        let options = try options(graph, store)
        // What calibration held is not the step's.
        if precision == .int8 {
            try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        }
        let clock = ContinuousClock()
        let began = clock.now
        let plan = try CPUExecutor().compile(graph, store: store, options: options)
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

    private func options(_ graph: Graph, _ store: StateStore) throws -> PlanOptions {
        var options = PlanOptions(
            threads: workload.threads, label: workload.architecture, inference: workload.frozen)
        switch precision {
        case .float32: break
        case .bfloat16: options.precision = .bfloat16
        case .int8:
            // Ranges of the very noise that is timed: what bytes are worth does not change the time.
            let calibrator = try Calibrator(graph, store: store, options: options)
            try workload.feed(calibrator.plan)
            try calibrator.plan.run()
            try calibrator.observe()
            options.precision = .int8
            options.quantization = try calibrator.quantization()
        }
        return options
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
