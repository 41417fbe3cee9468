package import Tensors

/// Batch normalisation with given statistics.
///
/// `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`
/// - Shapes: inputs x `[batch, channels, ...]`, then scale, offset, mean and variance `[channels]`; y as x.
///   Differentiable in x, scale and offset; the statistics are taken as fixed.
package struct BatchNormalizationInference: Operator {
    package static let kind = "BatchNormalizationInference"
    package let epsilon: Double

    package init(epsilon: Double = 1e-5) {
        self.epsilon = epsilon
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("epsilon", .number(epsilon))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 5)
        try expectChannels(inputs[1...], of: inputs[0])
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        let scale = inputs[1].values
        let offset = inputs[2].values
        let mean = inputs[3].values
        let factor = inputs[4].values.map { 1 / ($0 + epsilon).squareRoot() }
        let view = ChannelView(inputs[0].shape)
        let values = x.indices.map { index in
            let channel = view.channel(of: index)
            return (x[index] - mean[channel]) * factor[channel] * scale[channel] + offset[channel]
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil, nil, nil, nil] }
        let x = node.inputs[0]
        let scale = node.inputs[1]
        let mean = node.inputs[3]
        let factor = try graph.inverseDeviation(node.inputs[4], epsilon: epsilon)
        let axes = graph.channelAxes(of: x)
        var flows: [Value?] = [nil, nil, nil, nil, nil]
        if needed[0] {
            let slope = try graph.multiply(scale, factor)
            flows[0] = try graph.multiply(g, graph.perChannel(slope, like: x))
        }
        if needed[1] {
            let centred = try graph.subtract(x, graph.perChannel(mean, like: x))
            let sum = try graph.reduce(.sum, graph.multiply(g, centred), axes: axes)
            flows[1] = try graph.multiply(sum, factor)
        }
        if needed[2] { flows[2] = try graph.reduce(.sum, g, axes: axes) }
        return flows
    }
}

extension Graph {
    /// `1 / sqrt(variance + epsilon)`
    mutating func inverseDeviation(_ variance: Value, epsilon: Double) throws -> Value {
        try reciprocal(squareRoot(affine(variance, offset: epsilon)))
    }

    /// Batch normalisation with the statistics of the batch.
    package mutating func normalizeBatch(
        _ x: Value, scale: Value, offset: Value, epsilon: Double = 1e-5, name: String? = nil
    ) throws -> (y: Value, mean: Value, variance: Value, unbiasedVariance: Value) {
        let node = try append(
            BatchNormalization(epsilon: epsilon), [x, scale, offset], name: name)
        return (node.output(0), node.output(1), node.output(2), node.output(3))
    }

    /// Batch normalisation with given statistics.
    package mutating func normalize(
        _ x: Value, scale: Value, offset: Value, mean: Value, variance: Value,
        epsilon: Double = 1e-5, name: String? = nil
    ) throws -> Value {
        try add(
            BatchNormalizationInference(epsilon: epsilon), x, scale, offset, mean, variance,
            name: name)
    }
}
