import Graphs
import Tensors

/// Takes probabilities back to the scores that they were made of.
///
/// Undone are softmax and log-softmax, also written by hand as exponentials over their sum; sigmoid, also as
/// `1 / (1 + exp(-x))`; and around these a logarithm, limits, a factor, an offset and any reshaping.
struct ScoreSearch {
    enum Ending: Equatable {
        /// No probability that is recognised.
        case scores
        case softmax
        case sigmoid
    }

    private let graph: Graph
    private let isFed: [Bool]

    init(_ graph: Graph, isFed: [Bool]) {
        self.graph = graph
        self.isFed = isFed
    }

    /// What an output was before it became probabilities, and how it became them; itself where it did not.
    func undone(_ output: Value) -> (scores: Value, ending: Ending) {
        var value = output
        /// What probabilities were multiplied with on the way.
        var factor = 1.0
        while value.output == 0 {
            let node = graph.node(of: value)
            if let scores = softmax(node) { return (unshaped(scores, like: output), .softmax) }
            if let scores = sigmoid(node) {
                // Other factors make coordinates of it: pixels, angles.
                guard abs(factor - 1) < 1e-6 || abs(factor - 100) < 1e-4 else { break }
                return (unshaped(scores, like: output), .sigmoid)
            }
            guard let (next, scale) = passed(node) else { break }
            factor *= scale
            value = next
        }
        return (output, .scores)
    }

    /// The flattening of older operator sets is undone with the softmax that needed it.
    private func unshaped(_ scores: Value, like output: Value) -> Value {
        let node = graph.node(of: scores)
        guard node.operation is Reshape, let before = node.inputs.first,
            graph.shape(of: before) == graph.shape(of: output)
        else { return scores }
        return before
    }

    // MARK: Softmax and sigmoid

    private func softmax(_ node: Node) -> Value? {
        switch node.operation {
        case let softmax as Softmax:
            return isOverClasses(softmax.axis, node) ? node.inputs.first : nil
        case let softmax as LogSoftmax:
            return isOverClasses(softmax.axis, node) ? node.inputs.first : nil
        case let binary as Binary where binary.function == .subtract:
            return isLogarithmOfSum(node.inputs[1]) ? node.inputs[0] : nil
        case let binary as Binary where binary.function == .divide:
            return byHand(node.inputs[0], over: node.inputs[1])
        case let binary as Binary where binary.function == .multiply:
            for (one, other) in [(0, 1), (1, 0)] {
                let inverse = graph.node(of: node.inputs[other])
                guard (inverse.operation as? Unary)?.function == .reciprocal else { continue }
                if let scores = byHand(node.inputs[one], over: inverse.inputs[0]) { return scores }
            }
            return nil
        default: return nil
        }
    }

    /// x of `exp(x - max x) / sum exp(x - max x)`.
    private func byHand(_ exponential: Value, over sum: Value) -> Value? {
        let top = graph.node(of: exponential)
        guard (top.operation as? Unary)?.function == .exp else { return nil }
        var total = sum
        while true {
            let node = graph.node(of: total)
            if let reduce = node.operation as? Reduce, reduce.function == .sum {
                guard node.inputs.first == exponential else { return nil }
                break
            }
            switch node.operation {
            case is Reshape, is ReshapeLike, is BroadcastTo, is Clip: break
            case let binary as Binary where binary.function == .add: break
            default: return nil
            }
            guard let input = node.inputs.first(where: { isFed[$0.node] }) else { return nil }
            total = input
        }
        let argument = graph.node(of: top.inputs[0])
        guard let binary = argument.operation as? Binary, binary.function == .subtract,
            isMaximum(argument.inputs[1], of: argument.inputs[0])
        else { return top.inputs[0] }
        return argument.inputs[0]
    }

    /// `log sum exp(x)`, perhaps kept from overflowing by a maximum that is added again.
    private func isLogarithmOfSum(_ value: Value) -> Bool {
        var value = value
        var isLogarithm = false
        while isFed[value.node] {
            let node = graph.node(of: value)
            switch node.operation {
            case is Reshape, is ReshapeLike, is BroadcastTo: break
            case let binary as Binary where binary.function == .add && !isLogarithm:
                return node.inputs.contains { isLogarithmOfSum($0) }
            case let unary as Unary where unary.function == .logarithm: isLogarithm = true
            case let reduce as Reduce where isLogarithm && reduce.function == .sum:
                let terms = node.inputs.first.map { graph.node(of: $0).operation as? Unary }
                return terms??.function == .exp
            default: return false
            }
            guard let input = node.inputs.first else { return false }
            value = input
        }
        return false
    }

    private func isMaximum(_ value: Value, of scores: Value) -> Bool {
        var value = value
        while true {
            let node = graph.node(of: value)
            switch node.operation {
            case let reduce as Reduce:
                return reduce.function == .maximum && node.inputs.first == scores
            case is Reshape, is ReshapeLike, is BroadcastTo, is StopGradient:
                guard let input = node.inputs.first else { return false }
                value = input
            default: return false
            }
        }
    }

    private func sigmoid(_ node: Node) -> Value? {
        if let unary = node.operation as? Unary, unary.function == .sigmoid {
            return node.inputs.first
        }
        // 1 / (1 + exp(-x))
        let denominator: Value
        if let unary = node.operation as? Unary, unary.function == .reciprocal {
            denominator = node.inputs[0]
        } else if let binary = node.operation as? Binary, binary.function == .divide,
            !isFed[node.inputs[0].node], isFed[node.inputs[1].node]
        {
            denominator = node.inputs[1]
        } else {
            return nil
        }
        let sum = graph.node(of: denominator)
        guard sum.operation is Affine || (sum.operation as? Binary)?.function == .add,
            let exponential = sum.inputs.first(where: { isFed[$0.node] })
        else { return nil }
        let top = graph.node(of: exponential)
        guard (top.operation as? Unary)?.function == .exp else { return nil }
        let negated = graph.node(of: top.inputs[0])
        switch negated.operation {
        case let unary as Unary where unary.function == .negate: return negated.inputs.first
        case let affine as Affine where affine.scale == -1 && affine.offset == 0:
            return negated.inputs.first
        default: return nil
        }
    }

    // MARK: What stands around them

    /// The operand behind what changes probabilities but keeps their order, and the factor that it multiplies with; nil
    /// for anything else, such as a factor for each class.
    private func passed(_ node: Node) -> (Value, factor: Double)? {
        func next(_ factor: Double = 1) -> (Value, factor: Double)? {
            node.inputs.first(where: { isFed[$0.node] }).map { ($0, factor) }
        }
        switch node.operation {
        case is Reshape, is ReshapeLike, is Clip, is StopGradient, is Pointwise, is Conversion:
            return next()
        case let affine as Affine: return affine.scale > 0 ? next(affine.scale) : nil
        case let unary as Unary where unary.function == .logarithm: return next()
        case let unary as Unary where unary.function == .exp:
            // Of logarithms of probabilities.
            let before = graph.node(of: node.inputs[0])
            return before.operation is LogSoftmax ? next() : nil
        case let binary as Binary:
            let fed = node.inputs.filter { isFed[$0.node] }
            guard fed.count == 1, let other = node.inputs.first(where: { !isFed[$0.node] }),
                let constant = uniform(other)
            else { return nil }
            switch binary.function {
            case .add, .maximum, .minimum: return next()
            case .subtract: return isFed[node.inputs[0].node] ? next() : nil
            case .multiply: return constant > 0 ? next(constant) : nil
            case .divide:
                return isFed[node.inputs[0].node] && constant > 0 ? next(1 / constant) : nil
            default: return nil
            }
        default: return nil
        }
    }

    /// Whether an axis holds the classes and not the pictures.
    private func isOverClasses(_ axis: Int, _ node: Node) -> Bool {
        let rank = graph.shape(of: node.inputs[0]).rank
        return (axis < 0 ? axis + rank : axis) > 0
    }

    /// The one number that a constant consists of; nil where it holds several.
    private func uniform(_ value: Value) -> Double? {
        let node = graph.node(of: value)
        switch node.operation {
        case let constant as Constant:
            guard let first = constant.value.values.first,
                constant.value.values.allSatisfy({ $0 == first })
            else { return nil }
            return first
        case is State:
            guard
                let state = graph.states.first(where: { $0.value == value })?.declaration,
                case .values(let tensor) = state.initializer, let first = tensor.values.first,
                tensor.values.allSatisfy({ $0 == first })
            else { return nil }
            return Double(first)
        case is Reshape, is BroadcastTo, is Conversion:
            return node.inputs.first.flatMap(uniform)
        default: return nil
        }
    }
}
