import Graphs
import Tensors

/// A convolution, a matrix product or a layer normalisation of a graph together with the states that it reads.
struct WeightedLayer {
    /// The state with the weights.
    let weight: String
    /// Whether the weights lie the other way round than `[outputs, inputs]`.
    let isTransposed: Bool
    /// The state that is added to each output, nil where none is.
    private(set) var bias: String?
    /// The batch normalisation that reads the result: scale, offset, mean and variance, and its epsilon.
    private(set) var normalization: (states: [String], epsilon: Double)?
    /// The values by which the layer is known: the product alone and with its bias.
    private(set) var results: [Value]

    /// All layers of an inference graph, in its order.
    static func all(of graph: Graph) -> [WeightedLayer] {
        var readers: [Value: [Node]] = [:]
        for node in graph.nodes {
            for input in node.inputs { readers[input, default: []].append(node) }
        }
        return graph.nodes.compactMap { WeightedLayer($0, in: graph, readers: readers) }
    }

    private init?(_ node: Node, in graph: Graph, readers: [Value: [Node]]) {
        let reads: (state: String, isFlipped: Bool)?
        switch node.operation {
        case is Convolution:
            reads = WeightedLayer.state(behind: node.inputs[1], in: graph)
            bias =
                node.inputs.count > 2
                ? WeightedLayer.state(behind: node.inputs[2], in: graph)?.state : nil
            isTransposed = false
        case is LayerNormalization where node.inputs.count == 3:
            reads = WeightedLayer.state(behind: node.inputs[1], in: graph)
            bias = WeightedLayer.state(behind: node.inputs[2], in: graph)?.state
            isTransposed = false
        case let product as MatrixMultiply:
            reads = WeightedLayer.state(behind: node.inputs[1], in: graph)
            isTransposed = (reads?.isFlipped ?? false) == product.transposeRight
        default: return nil
        }
        guard let reads else { return nil }
        weight = reads.state
        results = [node.output()]
        for reader in readers[node.output()] ?? [] where bias == nil {
            guard (reader.operation as? Binary)?.function == .add else { continue }
            let others = reader.inputs.filter { $0 != node.output() }
            guard let other = others.first,
                let added = WeightedLayer.state(behind: other, in: graph)
            else { continue }
            bias = added.state
            results.append(reader.output())
        }
        for reader in results.flatMap({ readers[$0] ?? [] }) {
            guard let operation = reader.operation as? BatchNormalizationInference,
                results.contains(reader.inputs[0])
            else { continue }
            let states = reader.inputs.dropFirst().compactMap {
                WeightedLayer.state(behind: $0, in: graph)?.state
            }
            if states.count == 4 { normalization = (states, operation.epsilon) }
        }
    }

    /// The state that a value is a view of, and whether its two axes are exchanged.
    private static func state(behind value: Value, in graph: Graph) -> (
        state: String, isFlipped: Bool
    )? {
        var value = value
        var isFlipped = false
        while true {
            let node = graph.node(of: value)
            switch node.operation {
            case let state as State: return (state.declaration.name, isFlipped)
            case is Reshape: break
            case let transpose as Transpose where transpose.permutation == [1, 0]:
                isFlipped.toggle()
            default: return nil
            }
            value = node.inputs[0]
        }
    }
}
