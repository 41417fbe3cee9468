package import Tensors

/// One step of stochastic gradient descent with Nesterov momentum and weight decay.
///
/// ```
/// g' = gradientScale * gradient + weightDecay * parameter
/// v' = momentum * velocity + g'
/// p' = parameter - learningRate * (g' + momentum * v')
/// ```
/// - Shapes: inputs parameter, gradient, velocity (equal), learning rate and gradient scale (scalars);
///   outputs p' and v'. It has no derivative.
/// - Reference: Sutskever et al. 2013; the form of `torch.optim.SGD(nesterov=True)`.
package struct NesterovUpdate: Operator {
    package static let kind = "NesterovUpdate"
    package let momentum: Double
    package let weightDecay: Double

    package init(momentum: Double, weightDecay: Double) {
        self.momentum = momentum
        self.weightDecay = weightDecay
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("momentum", .number(momentum)), ("weightDecay", .number(weightDecay))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 5)
        try expect("a gradient", inputs[1], shape: inputs[0].shape)
        try expect("a velocity", inputs[2], shape: inputs[0].shape)
        try expect("a learning rate", inputs[3], shape: .scalar)
        try expect("a gradient scale", inputs[4], shape: .scalar)
        return [inputs[0], inputs[2]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let rate = inputs[3].values[0]
        let scale = inputs[4].values[0]
        var parameter = inputs[0]
        var velocity = inputs[2]
        for index in parameter.values.indices {
            let g = scale * inputs[1].values[index] + weightDecay * parameter.values[index]
            let v = momentum * velocity.values[index] + g
            velocity.values[index] = v
            parameter.values[index] -= rate * (g + momentum * v)
        }
        return [parameter, velocity]
    }
}

extension Graph {
    /// A step of SGD with Nesterov momentum: the new parameter and the new velocity.
    package mutating func nesterovUpdate(
        _ parameter: Value, gradient: Value, velocity: Value, learningRate: Value,
        gradientScale: Value, momentum: Double, weightDecay: Double
    ) throws -> (parameter: Value, velocity: Value) {
        let node = try append(
            NesterovUpdate(momentum: momentum, weightDecay: weightDecay),
            [parameter, gradient, velocity, learningRate, gradientScale])
        return (node.output(0), node.output(1))
    }
}
