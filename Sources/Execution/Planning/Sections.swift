import Graphs
import Tensors

/// How a plan works through a batch: parts of its graph one after another, each in slices of the batch or at once.
///
/// The wide maps at the beginning of a frozen network leave the processor's cache before the next operator reads
/// them, if a whole batch goes through it at once; the narrow ones at its end are quicker together, because each slice
/// reads all weights anew. Only operators that answer each image alone are sliced.
struct Sections {
    /// Slices of each section; the last section has one.
    private(set) var slices: [Int] = [1]
    /// The nodes at which sections but the first begin.
    private var beginnings: [Int] = []
    /// Values that another section reads, or whoever asked for the plan: all slices of them are kept.
    private(set) var spanning: Set<Value> = []

    /// A node that may be sliced.
    private struct Candidate {
        var node: Int
        /// Bytes of its largest input and of its output, for the whole batch.
        var activations: Int
        var output: Int
        var weights: Int
    }

    /// - Parameters:
    ///   - budget: what the largest input and output of one operator may take together, in bytes.
    ///   - width: bytes of an activation's or weight's element.
    ///   - isWorked: for each node whether it runs with every batch.
    init(_ graph: Graph, budget: Int, width: Int, isWorked: [Bool]) {
        let extents = Set(graph.inputs.map { graph.shape(of: $0.value).dimensions.first ?? 0 })
        guard let batch = extents.first, extents.count == 1, batch > 1 else { return }
        let found = Sections.candidates(graph, batch: batch, width: width, isWorked: isWorked)
        for (candidate, count) in zip(found, Sections.counts(found, batch, budget: budget))
        where count != slices[slices.count - 1] {
            slices.append(count)
            beginnings.append(candidate.node)
        }
        if let last = found.last, slices.last != 1 {
            slices.append(1)
            beginnings.append(last.node + 1)
        }
        guard slices.count > 1 else { return }
        for node in graph.nodes {
            for input in node.inputs where section(of: input.node) != section(of: node.index) {
                spanning.insert(input)
            }
        }
        for (_, value) in graph.outputs { spanning.insert(value) }
        for (_, value) in graph.replacements { spanning.insert(value) }
        for (_, value) in graph.inputs { spanning.insert(value) }
    }

    func section(of node: Int) -> Int { beginnings.count { $0 <= node } }

    /// The nodes from the first one on that answer each image alone.
    private static func candidates(
        _ graph: Graph, batch: Int, width: Int, isWorked: [Bool]
    ) -> [Candidate] {
        func isSliced(_ value: Value) -> Bool {
            let shape = graph.shape(of: value)
            return shape.rank == 4 && shape[0] == batch
        }
        var found: [Candidate] = []
        for node in graph.nodes where isWorked[node.index] && !(node.operation is Input) {
            let (data, constants) = node.inputs.reduce(into: ([Value](), [Value]())) {
                let isData = isWorked[$1.node] || graph.node(of: $1).operation is Input
                if isData { $0.0.append($1) } else { $0.1.append($1) }
            }
            guard answersEachAlone(node.operation), data.allSatisfy(isSliced),
                node.outputs.count == 1, isSliced(node.output()),
                !readsAcross(node, data, constants, graph)
            else { break }
            let output = width * node.outputs[0].shape.count
            found.append(
                Candidate(
                    node: node.index,
                    activations: width * (data.map { graph.shape(of: $0).count }.max() ?? 0)
                        + output,
                    output: output,
                    weights: width * constants.reduce(0) { $0 + graph.shape(of: $1).count }))
        }
        return found
    }

    /// In how many slices each operator is worked on, so that the fewest bytes move that no cache holds: values that
    /// are too large for it, weights that every slice reads anew, and what is written and read whole where slices
    /// change.
    private static func counts(_ found: [Candidate], _ batch: Int, budget: Int) -> [Int] {
        let choices = (1...batch).filter { batch % $0 == 0 }
        func bytes(_ candidate: Candidate, _ slices: Int) -> Int {
            let isLarge = candidate.activations / slices > budget
            return (slices - 1) * candidate.weights + (isLarge ? candidate.activations : 0)
        }
        // The least that it costs to get to an operator with so many slices, and with how many the one before it had.
        var costs = choices.map { _ in 0 }
        var before: [[Int]] = []
        var passed = 0
        for candidate in found {
            let cheapest = costs.indices.min { costs[$0] < costs[$1] } ?? 0
            let changed = costs[cheapest] + 2 * passed
            before.append(costs.indices.map { costs[$0] <= changed ? $0 : cheapest })
            costs = choices.indices.map {
                min(costs[$0], changed) + bytes(candidate, choices[$0])
            }
            passed = candidate.output
        }
        // What follows is not sliced.
        var place =
            choices.indices.min {
                costs[$0] + ($0 == 0 ? 0 : 2 * passed) < costs[$1] + ($1 == 0 ? 0 : 2 * passed)
            } ?? 0
        var counts: [Int] = []
        for index in found.indices.reversed() {
            counts.append(choices[place])
            place = before[index][place]
        }
        return counts.reversed()
    }

    /// Whether a node takes images for weights or constants for images, or has a constant of its own for each image.
    private static func readsAcross(
        _ node: Node, _ data: [Value], _ constants: [Value], _ graph: Graph
    ) -> Bool {
        switch node.operation {
        case is Convolution, is FusedConvolution:
            data.contains(node.inputs[1])
                || node.inputs.indices.contains {
                    $0 != 1 && $0 != 2 && constants.contains(node.inputs[$0])
                }
        default:
            constants.contains { graph.shape(of: $0).rank == 4 && graph.shape(of: $0)[0] != 1 }
        }
    }

    /// Whether an operator computes each image of a batch from that image and constants alone, in memory of its own.
    private static func answersEachAlone(_ operation: any Operator) -> Bool {
        switch operation {
        case is Convolution, is FusedConvolution, is BatchNormalizationInference, is MaximumPool,
            is AveragePool, is Rectifier, is Clip, is Affine, is Unary, is Binary:
            true
        case let join as Concatenate: join.axis == 1 || join.axis == -3
        default: false
        }
    }
}
