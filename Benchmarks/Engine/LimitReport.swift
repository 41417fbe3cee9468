import CLimit
import Foundation
import Tensors

/// The limit of a step with its terms.
struct LimitReport: Encodable {
    /// One operator: seconds of a single run, in each element type.
    struct Term: Encodable {
        struct Implementation: Encodable {
            var name: String
            /// What oneDNN offers first, where that is not the quickest.
            var first: String
            var firstSeconds: Double

            init(_ time: limit_time) {
                func text<Characters>(_ characters: Characters) -> String {
                    withUnsafeBytes(of: characters) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    }
                }
                name = text(time.implementation)
                first = text(time.first_implementation)
                firstSeconds = time.first_seconds
            }
        }

        var operation: String
        var extents: String
        var fused: [String]
        var count: Int
        var seconds: Seconds
        var float32: Implementation
        /// nil: none, and the float32 time counts.
        var bfloat16: Implementation?
    }

    let workload: Workload
    /// Bytes read and written in a second.
    let copyBandwidth: Double
    /// Seconds of a step by family of operators.
    private(set) var families: [String: Seconds] = [:]
    private(set) var seconds = Seconds()
    let imagesPerSecond: Seconds
    private(set) var operators: [Term] = []

    /// Measures all operators and the copy bandwidth: seconds to minutes.
    ///
    /// - Throws: `LimitError`.
    init(_ workload: Workload, terms: StepTerms) throws {
        self.workload = workload
        let bandwidth = limit_copy_bandwidth()
        guard bandwidth > 0 else {
            throw LimitError("512 MiB for the copy bandwidth cannot be allocated")
        }
        copyBandwidth = bandwidth
        var families: [String: Seconds] = [:]
        for (operation, count) in terms.operators {
            let (term, passes) = try LimitReport.measure(operation, bandwidth)
            var counted = term
            counted.count = count
            operators.append(counted)
            for _ in 0..<count {
                families[operation.kind.family, default: Seconds()] += term.seconds
                families["elementWise", default: Seconds()] += passes
            }
        }
        let passes = [
            ("elementWise", terms.elementWise), ("optimizer", terms.optimizer),
            ("other", terms.other),
        ]
        for (family, traffic) in passes {
            families[family, default: Seconds()] += Seconds(
                Double(traffic.float32) / bandwidth, Double(traffic.bfloat16) / bandwidth)
        }
        var seconds = Seconds()
        for term in families.values { seconds += term }
        self.families = families
        self.seconds = seconds
        imagesPerSecond = seconds.perSecond(workload.batch)
    }

    /// One operator in both element types, and the passes that oneDNN does not do along with it.
    private static func measure(
        _ operation: LimitOperator, _ bandwidth: Double
    ) throws -> (Term, Seconds) {
        var (operation, passes) = (operation, Seconds())
        var float32 = try operation.measure(bfloat16: false)
        if float32 == nil, operation.rectifies {
            operation.rectifies = false
            float32 = try operation.measure(bfloat16: false)
            let bytes = Double(2 * operation.result.count)
            passes = Seconds(4 * bytes / bandwidth, 2 * bytes / bandwidth)
        }
        guard let float32 else {
            throw LimitError(
                "oneDNN has no \(operation.kind.rawValue) for \(operation.extents) in float32")
        }
        let bfloat16 = try operation.measure(bfloat16: true)
        let term = Term(
            operation: operation.kind.rawValue, extents: operation.extents, fused: operation.fused,
            count: 1, seconds: Seconds(float32.seconds, bfloat16?.seconds ?? float32.seconds),
            float32: .init(float32), bfloat16: bfloat16.map { .init($0) })
        return (term, passes)
    }

    // MARK: For people

    /// Operators by the time that all of their nodes take, then the sums.
    func printTable() {
        func milliseconds(_ seconds: Double) -> String { fixed(seconds * 1000, 3, width: 9) }
        print(
            "\(workload.architecture) \(workload.size) px batch \(workload.batch), "
                + "\(workload.frozen ? "frozen forward" : "training step"), "
                + "\(workload.teamSize) threads, copies "
                + "\(fixed(copyBandwidth / 1e9, 1)) GB/s read + written")
        print("all ms fp32, all ms bf16 = count x (ms fp32, ms bf16), operator, implementations")
        let sorted = operators.sorted {
            $0.seconds.float32 * Double($0.count) > $1.seconds.float32 * Double($1.count)
        }
        for term in sorted {
            let count = Double(term.count)
            print(
                milliseconds(term.seconds.float32 * count),
                milliseconds(term.seconds.bfloat16 * count), " =", fixed(count, 0, width: 2), "x",
                milliseconds(term.seconds.float32), milliseconds(term.seconds.bfloat16), " ",
                ([term.operation, term.extents] + term.fused).joined(separator: " "), "|",
                name(term.float32, term.seconds.float32), "|",
                term.bfloat16.map { name($0, term.seconds.bfloat16) } ?? "none in bf16")
        }
        for (family, seconds) in families.sorted(by: { $0.value.float32 > $1.value.float32 }) {
            print(
                milliseconds(seconds.float32), milliseconds(seconds.bfloat16),
                milliseconds(seconds.mixed), " ", family)
        }
        print(
            milliseconds(seconds.float32), milliseconds(seconds.bfloat16),
            milliseconds(seconds.mixed), "  step: fp32, bf16, mixed")
        let rates = imagesPerSecond
        print(
            fixed(rates.float32, 1, width: 9), fixed(rates.bfloat16, 1, width: 9),
            fixed(rates.mixed, 1, width: 9), "  images/s")
    }

    private func name(_ implementation: Term.Implementation, _ seconds: Double) -> String {
        guard implementation.first != implementation.name else { return implementation.name }
        return "\(implementation.name) (first: \(implementation.first) "
            + "\(fixed(implementation.firstSeconds * 1000, 3)))"
    }

    private func fixed(_ value: Double, _ digits: Int, width: Int = 0) -> String {
        let text = String(format: "%.\(digits)f", value)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
