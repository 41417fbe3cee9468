import Graphs
import Tensors

/// What one step consists of: operators that oneDNN has, and passes over memory for all else.
///
/// - Batch normalisation takes the rectifier behind it and its gradient's mask along, as oneDNN offers.
///   It offers neither the sum before a rectifier nor a clip: those are passes.
/// - Neighbouring element-wise nodes are one pass: it reads what comes from outside and writes what goes out.
/// - The norm of the gradient and the average of statistics ride on passes that are there anyway.
struct StepTerms {
    /// Bytes that a pass moves, when activations have four bytes and when they have two.
    struct Traffic {
        var float32 = 0
        var bfloat16 = 0

        static func += (left: inout Traffic, right: Traffic) {
            left.float32 += right.float32
            left.bfloat16 += right.bfloat16
        }
    }

    /// Operators and how many nodes of each there are, in order of first appearance.
    private(set) var operators: [(operation: LimitOperator, count: Int)] = []
    private(set) var elementWise = Traffic()
    private(set) var optimizer = Traffic()
    /// Reductions, softmax, broadcasts: all that is neither.
    private(set) var other = Traffic()

    private let graph: Graph
    private var users: [Value: [Int]] = [:]
    private var absorbed: Set<Int> = []
    private var indices: [LimitOperator: Int] = [:]

    /// - Parameter graph: a step's graph after its rewrites.
    init(_ graph: Graph) {
        self.graph = graph
        for node in graph.nodes {
            for input in Set(node.inputs) { users[input, default: []].append(node.index) }
        }
        for (_, value) in graph.outputs + graph.replacements.map({ ($0.state, $0.value) }) {
            // A value that must stay has a user that is no node.
            users[value, default: []].append(-1)
        }
        let rectified = absorbRectifiers()
        for node in graph.nodes where !absorbed.contains(node.index) {
            count(node, rectified: rectified)
        }
        countElementWise()
    }

    // MARK: Fusing as oneDNN does

    /// The normalisations and their gradients that take a rectifier along.
    private mutating func absorbRectifiers() -> Set<Int> {
        var rectified: Set<Int> = []
        for node in graph.nodes where node.operation is BatchNormalization {
            guard let next = onlyUser(of: node.output()), next.operation is Rectifier,
                node.outputs[0].shape.rank == 4
            else { continue }
            rectified.insert(node.index)
            absorbed.insert(next.index)
        }
        for node in graph.nodes where node.operation is BatchNormalizationGradient {
            let mask = graph.node(of: node.inputs[0])
            guard mask.operation is RectifierGradient, onlyUser(of: mask.output()) != nil,
                absorbed.contains(mask.inputs[0].node)
            else { continue }
            rectified.insert(node.index)
            absorbed.insert(mask.index)
        }
        return rectified
    }

    private func onlyUser(of value: Value) -> Node? {
        guard let found = users[value], found.count == 1, found[0] >= 0 else { return nil }
        return graph.nodes[found[0]]
    }

    // MARK: Operators

    private mutating func count(_ node: Node, rectified: Set<Int>) {
        let shapes = node.inputs.map { graph.shape(of: $0) }
        let y = node.outputs[0].shape
        switch node.operation {
        case let convolution as Convolution:
            var o = LimitOperator(
                .convolution, convolution, image: shapes[0], weight: shapes[1], result: y)
            o.hasBias = shapes.count == 3
            add(o)
        case let fused as FusedConvolution:
            var o = LimitOperator(
                .convolution, fused.convolution, image: shapes[0], weight: shapes[1], result: y)
            (o.hasBias, o.addsOutput, o.rectifies) = (true, fused.addsResidual, fused.rectifies)
            add(o)
        case let gradient as ConvolutionInputGradient:
            add(
                LimitOperator(
                    .convolutionInputGradient, gradient.convolution, image: y, weight: shapes[1],
                    result: shapes[0]))
        case let gradient as ConvolutionWeightGradient:
            add(
                LimitOperator(
                    .convolutionWeightGradient, gradient.convolution, image: shapes[0], weight: y,
                    result: shapes[1]))
        case is BatchNormalization where y.rank == 4:
            var o = LimitOperator(.normalization, image: shapes[0], result: y)
            o.rectifies = rectified.contains(node.index)
            add(o)
        case is BatchNormalizationGradient where y.rank == 4:
            var o = LimitOperator(.normalizationGradient, image: shapes[1], result: y)
            o.rectifies = rectified.contains(node.index)
            add(o)
        case let pool as MaximumPool: add(pooling(.pool, pool, image: shapes[0], result: y))
        case let gradient as MaximumPoolGradient:
            add(pooling(.poolGradient, gradient.pool, image: y, result: shapes[1]))
        case let pool as AveragePool: add(pooling(.pool, pool, image: shapes[0], result: y))
        case let gradient as AveragePoolGradient:
            add(pooling(.poolGradient, gradient.pool, image: y, result: shapes[0]))
        case let product as MatrixMultiply where y.rank == 2: add(dense(node, product, shapes))
        default: countPass(node, shapes)
        }
    }

    private func pooling(
        _ kind: LimitOperator.Kind, _ pool: MaximumPool, image: Shape, result: Shape
    ) -> LimitOperator {
        var o = LimitOperator(kind, pool.geometry, image: image, result: result)
        o.isMaximum = true
        return o
    }

    private func pooling(
        _ kind: LimitOperator.Kind, _ pool: AveragePool, image: Shape, result: Shape
    ) -> LimitOperator {
        var o = LimitOperator(kind, pool.geometry, image: image, result: result)
        o.countsPadding = pool.countsPadding
        return o
    }

    private func dense(
        _ node: Node, _ product: MatrixMultiply, _ shapes: [Shape]
    ) -> LimitOperator {
        let extents = product.extents(shapes[0], shapes[1])
        var o = LimitOperator(
            .product, image: [extents.m, extents.k], result: [extents.m, extents.n])
        o.transposesLeft = product.transposeLeft
        o.transposesRight = product.transposeRight
        o.rightIsWeight = graph.node(of: node.inputs[1]).operation is State
        o.floatResult = (users[node.output()] ?? []).contains { user in
            user >= 0 && graph.nodes[user].operation is NesterovUpdate
        }
        return o
    }

    private mutating func add(_ operation: LimitOperator) {
        if let index = indices[operation] {
            operators[index].count += 1
        } else {
            indices[operation] = operators.count
            operators.append((operation, 1))
        }
    }

    // MARK: Passes over memory

    private mutating func countPass(_ node: Node, _ shapes: [Shape]) {
        switch node.operation {
        case is Input, is State, is Constant, is Reshape, is ReshapeLike, is GlobalNorm,
            is MovingAverage:
            return
        case is NesterovUpdate:
            // Parameter, gradient and velocity in, parameter and velocity out; and the weights' short copy.
            let count = shapes[0].count
            let copied = shapes[0].rank >= 2 ? 2 * count : 0
            optimizer += Traffic(float32: 20 * count, bfloat16: 20 * count + copied)
        case _ where isElementWise(node): return
        default:
            for shape in shapes + node.outputs.map(\.shape) { other += traffic(shape) }
        }
    }

    private func isElementWise(_ node: Node) -> Bool {
        switch node.operation {
        case is Binary, is Unary, is Affine, is Clip, is ClipGradient, is Rectifier,
            is RectifierGradient, is Select:
            true
        default: false
        }
    }

    /// Images are activations; what has fewer axes stays float32.
    private func traffic(_ shape: Shape) -> Traffic {
        Traffic(float32: 4 * shape.count, bfloat16: (shape.rank == 4 ? 2 : 4) * shape.count)
    }

    private mutating func countElementWise() {
        // The node at the end of each node's pass.
        var ends: [Int: Int] = [:]
        var read: [Int: Set<Value>] = [:]
        for node in graph.nodes.reversed()
        where isElementWise(node) && !absorbed.contains(node.index) {
            let next = users[node.output()] ?? []
            let shape = node.outputs[0].shape
            let passes = Set(next.map { $0 < 0 ? nil : ends[$0] })
            if passes.count == 1, let end = passes.first.flatMap({ $0 }),
                graph.nodes[end].outputs[0].shape == shape
            {
                ends[node.index] = end
                read[end]?.remove(node.output())
                read[end]?.formUnion(node.inputs)
            } else {
                ends[node.index] = node.index
                read[node.index] = Set(node.inputs)
            }
        }
        for (end, values) in read {
            elementWise += traffic(graph.nodes[end].outputs[0].shape)
            for value in values { elementWise += traffic(graph.shape(of: value)) }
        }
    }
}
