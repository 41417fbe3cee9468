import Foundation
package import Tensors

/// The softmax along an axis.
///
/// `y[i] = exp(x[i]) / Σ_j exp(x[j])`
package struct Softmax: Operator {
    package static let kind = "Softmax"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        _ = try resolve(axis, in: inputs[0].shape)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [LogSoftmax.evaluate(inputs[0], axis: axis).map { exp($0) }]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(SoftmaxGradient(axis: axis), node.output(), $0) }]
    }
}

/// The gradient of `Softmax`, by its output.
///
/// `dx = y (g - Σ g y)`
/// - Shapes: inputs y and g, equal.
package struct SoftmaxGradient: Operator {
    package static let kind = "SoftmaxGradient"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        _ = try resolve(axis, in: inputs[0].shape)
        try expect("the gradient", inputs[1], shape: inputs[0].shape)
        return [inputs[1]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let y = inputs[0].values
        let g = inputs[1].values
        var result = inputs[0]
        for lane in AxisView(result.shape, axis: axis).lanes {
            let sum = lane.reduce(0.0) { $0 + g[$1] * y[$1] }
            for offset in lane { result.values[offset] = y[offset] * (g[offset] - sum) }
        }
        return [result]
    }
}

/// The logarithm of the softmax along an axis, without overflow.
///
/// `y[i] = x[i] - log Σ_j exp(x[j])`
package struct LogSoftmax: Operator {
    package static let kind = "LogSoftmax"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        _ = try resolve(axis, in: inputs[0].shape)
        return inputs
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        [LogSoftmax.evaluate(inputs[0], axis: axis)]
    }

    static func evaluate(_ x: Tensor<Double>, axis: Int) -> Tensor<Double> {
        var result = x
        for lane in AxisView(x.shape, axis: axis).lanes {
            let largest = lane.reduce(-Double.infinity) { Swift.max($0, x.values[$1]) }
            let sum = lane.reduce(0.0) { $0 + exp(x.values[$1] - largest) }
            for offset in lane { result.values[offset] = x.values[offset] - largest - log(sum) }
        }
        return result
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(LogSoftmaxGradient(axis: axis), node.output(), $0) }]
    }
}

/// The gradient of `LogSoftmax`, by its output.
///
/// `dx = g - exp(y) Σ g`
/// - Shapes: inputs y and g, equal.
package struct LogSoftmaxGradient: Operator {
    package static let kind = "LogSoftmaxGradient"
    package let axis: Int

    package init(axis: Int) {
        self.axis = axis
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("axis", .integer(axis))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        _ = try resolve(axis, in: inputs[0].shape)
        try expect("the gradient", inputs[1], shape: inputs[0].shape)
        return [inputs[1]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let y = inputs[0].values
        let g = inputs[1].values
        var result = inputs[1]
        for lane in AxisView(result.shape, axis: axis).lanes {
            let sum = lane.reduce(0.0) { $0 + g[$1] }
            for offset in lane { result.values[offset] = g[offset] - exp(y[offset]) * sum }
        }
        return [result]
    }
}

extension Graph {
    /// Probabilities along an axis.
    package mutating func softmax(_ x: Value, axis: Int) throws -> Value {
        try add(Softmax(axis: axis), x)
    }

    /// Logarithms of probabilities along an axis.
    package mutating func logSoftmax(_ x: Value, axis: Int) throws -> Value {
        try add(LogSoftmax(axis: axis), x)
    }
}
