import Foundation
package import Tensors

/// An element-wise function of one tensor.
///
/// `y[i] = f(x[i])`
package struct Unary: Operator {
    package enum Function: String, Sendable, CaseIterable {
        case negate, exp, logarithm, squareRoot, reciprocal, absolute, square, tanh, sigmoid
        /// 1 where x > 0, else 0.
        case step
        /// -1, 0 or 1.
        case sign
        /// log(1 + exp(x))
        case softplus
        case erf
        /// x Φ(x) with the normal distribution's Φ, exact.
        case gelu
        /// x sigmoid(x)
        case silu
        /// x / 6 + 1/2, clipped to [0, 1].
        case hardSigmoid
        /// x hardSigmoid(x)
        case hardSwish
    }

    package static let kind = "Unary"
    package let function: Function

    package init(_ function: Function) {
        self.function = function
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("function", .text(function.rawValue))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [inputs[0].map(function.callAsFunction)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil] }
        if function == .negate { return [try graph.negate(g)] }
        guard let slope = try slope(x: node.inputs[0], y: node.output(), in: &graph) else {
            return [nil]
        }
        return [try graph.multiply(g, slope)]
    }

    /// f'(x), as nodes of x and y; nil where it is a constant.
    private func slope(x: Value, y: Value, in graph: inout Graph) throws -> Value? {
        switch function {
        case .exp:
            return y
        case .logarithm:
            return try graph.reciprocal(x)
        case .squareRoot:
            return try graph.affine(graph.reciprocal(y), scale: 0.5)
        case .reciprocal:
            return try graph.negate(graph.square(y))
        case .absolute:
            return try graph.unary(.sign, x)
        case .square:
            return try graph.affine(x, scale: 2)
        case .tanh:
            return try graph.affine(graph.square(y), scale: -1, offset: 1)
        case .sigmoid:
            return try graph.multiply(y, graph.affine(y, scale: -1, offset: 1))
        case .negate, .step, .sign:
            return nil
        case .softplus:
            return try graph.unary(.sigmoid, x)
        case .erf:
            let bell = try graph.exponential(graph.negate(graph.square(x)))
            return try graph.affine(bell, scale: 2 / Double.pi.squareRoot())
        case .gelu:
            let share = try graph.affine(
                graph.unary(.erf, graph.affine(x, scale: 0.5.squareRoot())), scale: 0.5, offset: 0.5
            )
            let bell = try graph.exponential(graph.affine(graph.square(x), scale: -0.5))
            let density = try graph.affine(bell, scale: 1 / (2 * Double.pi).squareRoot())
            return try graph.add(share, graph.multiply(x, density))
        case .silu:
            let gate = try graph.unary(.sigmoid, x)
            let rest = try graph.affine(gate, scale: -1, offset: 1)
            return try graph.add(gate, graph.multiply(y, rest))
        case .hardSigmoid:
            return try graph.affine(hardSigmoidIsLinear(x, in: &graph), scale: 1.0 / 6)
        case .hardSwish:
            let ramp = try graph.affine(hardSigmoidIsLinear(x, in: &graph), scale: 1.0 / 6)
            return try graph.add(graph.unary(.hardSigmoid, x), graph.multiply(x, ramp))
        }
    }

    /// 1 where -3 < x < 3, else 0.
    private func hardSigmoidIsLinear(_ x: Value, in graph: inout Graph) throws -> Value {
        try graph.unary(.step, graph.affine(graph.absolute(x), scale: -1, offset: 3))
    }
}

extension Unary.Function {
    /// The value at one point, in float64.
    package func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .negate: -x
        case .exp: Foundation.exp(x)
        case .logarithm: Foundation.log(x)
        case .squareRoot: x.squareRoot()
        case .reciprocal: 1 / x
        case .absolute: Swift.abs(x)
        case .square: x * x
        case .tanh: Foundation.tanh(x)
        case .sigmoid: 1 / (1 + Foundation.exp(-x))
        case .step: x > 0 ? 1 : 0
        case .sign: x > 0 ? 1 : x < 0 ? -1 : 0
        case .softplus: Swift.max(x, 0) + Foundation.log1p(Foundation.exp(-Swift.abs(x)))
        case .erf: Foundation.erf(x)
        case .gelu: 0.5 * x * (1 + Foundation.erf(x * 0.5.squareRoot()))
        case .silu: x / (1 + Foundation.exp(-x))
        case .hardSigmoid: Swift.min(Swift.max(x / 6 + 0.5, 0), 1)
        case .hardSwish: x * Swift.min(Swift.max(x / 6 + 0.5, 0), 1)
        }
    }
}

extension Graph {
    /// Applies an element-wise function.
    package mutating func unary(_ function: Unary.Function, _ x: Value) throws -> Value {
        try add(Unary(function), x)
    }

    package mutating func negate(_ x: Value) throws -> Value { try unary(.negate, x) }
    package mutating func exponential(_ x: Value) throws -> Value { try unary(.exp, x) }
    package mutating func logarithm(_ x: Value) throws -> Value { try unary(.logarithm, x) }
    package mutating func squareRoot(_ x: Value) throws -> Value { try unary(.squareRoot, x) }
    package mutating func reciprocal(_ x: Value) throws -> Value { try unary(.reciprocal, x) }
    package mutating func absolute(_ x: Value) throws -> Value { try unary(.absolute, x) }
    package mutating func square(_ x: Value) throws -> Value { try unary(.square, x) }
}
