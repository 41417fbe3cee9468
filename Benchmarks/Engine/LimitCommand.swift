import ArgumentParser
import CKernels
import CLimit
import Execution
import Foundation
import Graphs

/// `distill-bench limit`: what a step would take if every operator ran as fast as oneDNN runs it alone.
struct LimitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Sums oneDNN's own times for every operator of a step.",
        discussion: """
            Each operator is timed alone and warm: images channels-last, weights in the layout that the \
            primitive chooses, the quickest implementation, the median of several runs. Element-wise passes \
            and the optimiser count with the bytes that they move, at the measured copy bandwidth.
            """)

    @OptionGroup var workload: Workload

    @Flag(help: "Print a table instead of JSON.")
    var table = false

    func run() throws {
        distill_set_thread_count(Int32(workload.teamSize))
        let rewriter: Rewriter =
            workload.frozen ? .inference(keeping: .only([])) : .training(keeping: .only([]))
        let graph = try rewriter.apply(to: workload.graph())
        let report = try LimitReport(workload, terms: StepTerms(graph))
        if table { report.printTable() } else { try printLine(report) }
    }
}

/// Seconds in float32, in bfloat16, and with the better of both for each operator.
struct Seconds: Encodable {
    var float32 = 0.0
    var bfloat16 = 0.0
    var mixed = 0.0

    init(_ float32: Double = 0, _ bfloat16: Double = 0) {
        self.float32 = float32
        self.bfloat16 = bfloat16
        mixed = min(float32, bfloat16)
    }

    static func += (left: inout Seconds, right: Seconds) {
        left.float32 += right.float32
        left.bfloat16 += right.bfloat16
        left.mixed += right.mixed
    }

    func perSecond(_ images: Int) -> Seconds {
        var result = Seconds(Double(images) / float32, Double(images) / bfloat16)
        result.mixed = Double(images) / mixed
        return result
    }
}
