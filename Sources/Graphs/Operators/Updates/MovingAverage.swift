package import Tensors

/// An exponential moving average: one step towards a new value.
///
/// `y = decay * old + (1 - decay) * new`
/// - Shapes: inputs old and new, equal. It has no derivative.
package struct MovingAverage: Operator {
    package static let kind = "MovingAverage"
    package let decay: Double

    package init(decay: Double) {
        self.decay = decay
    }

    package var attributes: [(name: String, value: AttributeValue)] { [("decay", .number(decay))] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        try expect("a new value", inputs[1], shape: inputs[0].shape)
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let values = zip(inputs[0].values, inputs[1].values).map { decay * $0 + (1 - decay) * $1 }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}

extension Graph {
    /// `decay * old + (1 - decay) * new`
    package mutating func movingAverage(
        _ old: Value, _ new: Value, decay: Double
    ) throws -> Value {
        try add(MovingAverage(decay: decay), old, new)
    }
}
