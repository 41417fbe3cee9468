package import Tensors

/// The identity forwards, nothing backwards: no gradient flows into a teacher.
package struct StopGradient: Operator {
    package static let kind = "StopGradient"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] { [inputs[0]] }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] { [nil] }
}

extension Graph {
    package mutating func stopGradient(_ x: Value) throws -> Value { try add(StopGradient(), x) }
}
