import Graphs
import Tensors

/// A convolution, a matrix product or a layer normalisation of a graph together with what it reads beside its input.
struct WeightedLayer {
    /// A state or constant that a layer reads.
    struct Operand {
        /// The state's name, nil for a constant.
        let name: String?
        /// Its value, nil where the graph's owner gave none.
        let value: Tensor<Float>?
    }

    let weight: Operand
    /// Whether the weights lie the other way round than `[outputs, inputs]`.
    let isTransposed: Bool
    /// What is added to each output, nil where nothing is.
    private(set) var bias: Operand?
    /// The batch normalisation that reads the result: scale, offset, mean and variance, and its epsilon.
    private(set) var normalization: (operands: [Operand], epsilon: Double)?
    /// Whether nothing else happens to the result that belongs to the layer: a factor, or an addition that is not known.
    private(set) var isWhole = true
    /// The values by which the layer is known: the product alone and with its bias.
    private(set) var results: [Value]

    /// All layers of an inference graph, in its order.
    ///
    /// - Parameters:
    ///   - values: those of its states.
    ///   - others: states that belong to no layer, such as the scale of a residual branch.
    static func all(
        of graph: Graph, values: [String: Tensor<Float>] = [:], others: Set<String> = []
    ) -> [WeightedLayer] {
        var readers: [Value: [Node]] = [:]
        for node in graph.nodes {
            for input in node.inputs { readers[input, default: []].append(node) }
        }
        let source = OperandSource(graph: graph, values: values, others: others)
        return graph.nodes.compactMap { WeightedLayer($0, source, readers: readers) }
    }

    private init?(_ node: Node, _ source: OperandSource, readers: [Value: [Node]]) {
        let reads: (operand: Operand, isFlipped: Bool)?
        switch node.operation {
        case is Convolution:
            reads = source.operand(behind: node.inputs[1])
            isTransposed = false
        case is LayerNormalization where node.inputs.count == 3:
            reads = source.operand(behind: node.inputs[1])
            isTransposed = false
        case let product as MatrixMultiply:
            reads = source.operand(behind: node.inputs[1])
            isTransposed = (reads?.isFlipped ?? false) == product.transposeRight
        default: return nil
        }
        guard let reads, reads.operand.name != nil else { return nil }
        weight = reads.operand
        results = [node.output()]
        if !(node.operation is MatrixMultiply), node.inputs.count > 2 {
            bias = source.operand(behind: node.inputs[2])?.operand
            isWhole = bias != nil
        }
        // A layer normalisation has its scale and offset already.
        guard !(node.operation is LayerNormalization) else { return }
        let shape = node.outputs[0].shape
        follow(source, readers, outputs: shape[node.operation is Convolution ? 1 : -1])
    }

    /// Whether a shape holds one number for each output, along the axis on which the outputs lie.
    ///
    /// - Parameter isLast: whether that is the last axis; else it is the one before height and width.
    private static func isVector(_ shape: Shape, of outputs: Int, _ isLast: Bool) -> Bool {
        let axis = shape.rank - (isLast ? 1 : 3)
        return axis >= 0 && shape[axis] == outputs && shape.count == outputs
    }

    /// Looks at what reads the result: a bias, then a normalisation.
    private mutating func follow(
        _ source: OperandSource, _ readers: [Value: [Node]], outputs: Int
    ) {
        guard let product = results.last else { return }
        let isProduct = source.graph.node(of: results[0]).operation is MatrixMultiply
        for reader in readers[product] ?? [] {
            switch reader.operation {
            case let operation as Binary:
                // A vector over the outputs belongs to the layer; one number is a part of an activation.
                guard let other = reader.inputs.first(where: { $0 != product }),
                    !source.isFed[other.node],
                    WeightedLayer.isVector(
                        source.graph.shape(of: other), of: outputs, isProduct)
                else { continue }
                let known = source.operand(behind: other)?.operand
                if let name = known?.name, source.others.contains(name) { continue }
                if operation.function == .add, bias == nil, let known {
                    bias = known
                    results.append(reader.output())
                    follow(source, readers, outputs: outputs)
                } else {
                    isWhole = false
                }
            case is Affine where isProduct && results.count == 1:
                // The factor of a general product; behind a bias it would be a part of an activation.
                isWhole = false
            case let operation as BatchNormalizationInference where reader.inputs[0] == product:
                let operands = reader.inputs.dropFirst().compactMap {
                    source.operand(behind: $0)?.operand
                }
                if operands.count == 4 {
                    normalization = (operands, operation.epsilon)
                } else {
                    isWhole = false
                }
            default: continue
            }
        }
    }
}

/// Finds the states and constants behind the values of a graph.
struct OperandSource {
    let graph: Graph
    let values: [String: Tensor<Float>]
    /// States that belong to no layer.
    let others: Set<String>
    /// For each node whether it depends on an input.
    let isFed: [Bool]

    init(graph: Graph, values: [String: Tensor<Float>], others: Set<String>) {
        self.graph = graph
        self.values = values
        self.others = others
        isFed = graph.dependsOnInput
    }

    /// The state or constant that a value is a view of, and whether its two axes are exchanged.
    func operand(behind value: Value) -> (operand: WeightedLayer.Operand, isFlipped: Bool)? {
        var value = value
        var isFlipped = false
        while true {
            let node = graph.node(of: value)
            switch node.operation {
            case let state as State:
                let name = state.declaration.name
                return (.init(name: name, value: values[name]), isFlipped)
            case let constant as Constant:
                return (.init(name: nil, value: constant.value.map { Float($0) }), isFlipped)
            case is Reshape: break
            case let transpose as Transpose where transpose.permutation == [1, 0]:
                isFlipped.toggle()
            default: return nil
            }
            value = node.inputs[0]
        }
    }
}
