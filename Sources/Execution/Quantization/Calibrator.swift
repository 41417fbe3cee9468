package import Graphs
import Tensors

/// Finds out what the bytes of a graph's tensors should be worth, by running it in float32 on examples.
///
/// The plan gives the graph's own outputs too, so that the same runs serve as the reference:
/// feed and run it batch by batch, then ask for the `quantization`.
package final class Calibrator {
    /// The graph in float32.
    package let plan: Plan
    private let tensors: [(name: String, output: String, isUnsigned: Bool)]
    /// By tensor the names of all that share its range: another graph of the same network may lack some.
    private let groups: [String: [String]]
    private var bins: [[Double]]

    /// - Parameter graph: as it will be compiled with `Precision.int8`, before its rewrites.
    /// - Throws: what compiling throws.
    package init(_ graph: Graph, store: StateStore, options: PlanOptions) throws {
        let rewritten = try Rewriter.inference(keeping: .only([])).apply(to: graph)
        let values = ByteValues(rewritten)
        var tensors: [(name: String, output: String, isUnsigned: Bool)] = []
        var observed: [(value: Value, output: String)] = []
        var groups: [String: [String]] = [:]
        for tensor in values.tensors {
            let name = rewritten.node(of: tensor).name
            // All that share a scale are counted.
            for (number, member) in values.members(of: tensor).enumerated() {
                let output = "magnitudes.\(number).\(name)"
                observed.append((member, output))
                groups[name, default: [name]].append(rewritten.node(of: member).name)
                tensors.append((name, output, values.isUnsigned(tensor)))
            }
        }
        self.tensors = tensors
        self.groups = groups
        bins = tensors.map { _ in [Double](repeating: 0, count: MagnitudeHistogram.binCount) }
        var options = options
        options.inference = true
        options.precision = .float32
        plan = try CPUExecutor().compile(
            Observation(MagnitudeHistogram(), of: observed).apply(to: rewritten), store: store,
            options: options)
    }

    /// Takes the last run of the plan into account.
    package func observe() throws {
        for index in tensors.indices {
            try plan.withOutput(tensors[index].output) { counts in
                for (bin, count) in counts.enumerated() { bins[index][bin] += Double(count) }
            }
        }
    }

    /// The ranges of all that was observed.
    ///
    /// - Throws: `ExecutionError.value` where a tensor held what is no finite number.
    package func quantization() throws -> Quantization {
        var sums: [String: (bins: [Double], isUnsigned: Bool)] = [:]
        for (tensor, bins) in zip(tensors, bins) {
            guard let known = sums[tensor.name] else {
                sums[tensor.name] = (bins, tensor.isUnsigned)
                continue
            }
            sums[tensor.name] = (zip(known.bins, bins).map(+), tensor.isUnsigned)
        }
        var limits: [String: Float] = [:]
        for (name, sum) in sums {
            guard sum.bins[MagnitudeHistogram.firstInvalidBin...].allSatisfy({ $0 == 0 }) else {
                throw ExecutionError(
                    .value, name: name,
                    "holds what is no finite number, which has no range of bytes")
            }
            // A tensor that was 0 throughout may have any range.
            let limit = ClippingRange.limit(of: sum.bins, levels: sum.isUnsigned ? 255 : 127) ?? 1
            for member in groups[name] ?? [name] { limits[member] = Float(limit) }
        }
        return Quantization(limits: limits)
    }
}
