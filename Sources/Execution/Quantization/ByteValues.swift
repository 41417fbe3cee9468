import Graphs
import Tensors

/// Which values of an inference graph lie in memory as bytes.
///
/// A convolution by weights that do not change between runs reads bytes. Its result is written as bytes where another
/// such convolution reads it, through maxima and joins, which work on bytes too and share one scale with what they
/// read, so that nothing between two convolutions is widened. Whoever else reads bytes gets them converted.
struct ByteValues {
    /// For each value that is bytes the one whose scale it has.
    private(set) var representatives: [Value: Value] = [:]
    /// The representatives, in order of their nodes.
    private(set) var tensors: [Value] = []
    private var unsigned: Set<Value> = []
    private var scales: [Value: ByteScale] = [:]
    /// Nodes that work on bytes.
    private var nodes: Set<Int> = []

    /// - Parameter graph: after its rewrites for inference.
    init(_ graph: Graph) {
        let constant = ByteValues.constantNodes(graph)
        let isLearned = graph.dependsOnState
        var groups: [Value: Value] = [:]
        func find(_ value: Value) -> Value {
            var value = value
            while let next = groups[value], next != value { value = next }
            return value
        }
        func want(_ value: Value) { if groups[value] == nil { groups[value] = value } }
        // All readers of a value come before its node.
        for node in graph.nodes.reversed() {
            let isWanted = groups[node.output()] != nil
            switch node.operation {
            case is Convolution where ByteValues.isQuantizable(node, graph, constant, isLearned):
                nodes.insert(node.index)
                want(node.inputs[0])
            case let fused as FusedConvolution
            where ByteValues.isQuantizable(node, graph, constant, isLearned):
                nodes.insert(node.index)
                want(node.inputs[0])
                if fused.addsResidual, isWanted { want(node.inputs[3]) }
            case is MaximumPool where isWanted, is Concatenate where isWanted:
                guard ByteValues.keepsBytes(node) else { continue }
                nodes.insert(node.index)
                for input in node.inputs {
                    want(input)
                    let (one, other) = (find(node.output()), find(input))
                    if one != other { groups[other] = one }
                }
            default: break
            }
        }
        for value in groups.keys { representatives[value] = find(value) }
        tensors = ByteValues.ordered(representatives.values)
        unsigned = Set(tensors)
        for (value, representative) in representatives
        where !ByteValues.isNeverNegative(value, graph) {
            unsigned.remove(representative)
        }
    }

    /// - Returns: nil where a plan does not compute in bytes.
    /// - Throws: `ExecutionError.unbound` without a calibration of this graph, `.library` where the processor cannot.
    init?(_ graph: Graph, _ options: PlanOptions) throws {
        guard options.precision == .int8 else { return nil }
        precondition(options.inference, "bytes are for inference")
        guard Processor.hasInt8 else {
            throw ExecutionError(
                .library, name: options.label,
                "this processor has no sums of byte products (AVX512-VNNI); compute in float32 or bfloat16"
            )
        }
        guard let quantization = options.quantization else {
            throw ExecutionError(
                .unbound, name: options.label, "a plan in int8 needs the ranges of a calibration")
        }
        self.init(graph)
        for value in tensors {
            let name = graph.node(of: value).name
            guard let limit = quantization.limits[name] else {
                throw ExecutionError(
                    .unbound, name: name,
                    "the calibration knows no range of this tensor: it was made of another graph")
            }
            let isUnsigned = unsigned.contains(value)
            scales[value] = ByteScale(
                scale: limit / (isUnsigned ? 255 : 127), isUnsigned: isUnsigned)
        }
    }

    /// Whether a tensor of `tensors` is never negative, so that its bytes need no sign.
    func isUnsigned(_ tensor: Value) -> Bool { unsigned.contains(tensor) }

    func scale(of value: Value) -> ByteScale? { representatives[value].flatMap { scales[$0] } }

    /// Whether a node works on bytes.
    func isQuantized(_ node: Node) -> Bool { nodes.contains(node.index) }

    /// Those who share the scale of a tensor of `tensors`.
    func members(of tensor: Value) -> [Value] {
        ByteValues.ordered(representatives.filter { $0.value == tensor }.keys)
    }

    // MARK: Rules

    private static func ordered(_ values: some Sequence<Value>) -> [Value] {
        Set(values).sorted { ($0.node, $0.output) < ($1.node, $1.output) }
    }

    private static func constantNodes(_ graph: Graph) -> Set<Int> {
        let replaced = Set(graph.replacements.map(\.state))
        var constant: Set<Int> = []
        for node in graph.nodes {
            let isConstant =
                switch node.operation {
                case is Constant: true
                case is Input: false
                case let state as State: !replaced.contains(state.declaration.name)
                default: node.inputs.allSatisfy { constant.contains($0.node) }
                }
            if isConstant { constant.insert(node.index) }
        }
        return constant
    }

    /// Convolutions by weights that do not change, but for those that encode an input.
    private static func isQuantizable(
        _ node: Node, _ graph: Graph, _ constant: Set<Int>, _ isLearned: [Bool]
    ) -> Bool {
        !graph.encodesInput(node, isLearned) && node.outputs[0].shape.count > 0
            && graph.shape(of: node.inputs[1]).rank == 4
            && node.inputs[1...].prefix(2).allSatisfy { constant.contains($0.node) }
            && !constant.contains(node.inputs[0].node)
    }

    /// Whether a maximum or a join can work on bytes.
    private static func keepsBytes(_ node: Node) -> Bool {
        guard let join = node.operation as? Concatenate else { return true }
        return node.outputs[0].shape.rank == 4 && (join.axis == 1 || join.axis == -3)
    }

    /// By the graph alone, so that it does not depend on what was looked at.
    private static func isNeverNegative(_ value: Value, _ graph: Graph) -> Bool {
        let node = graph.node(of: value)
        return switch node.operation {
        case let fused as FusedConvolution: fused.rectifies
        case is Rectifier: true
        case let clip as Clip: clip.minimum >= 0
        case is MaximumPool, is Concatenate: node.inputs.allSatisfy { isNeverNegative($0, graph) }
        default: false
        }
    }
}
