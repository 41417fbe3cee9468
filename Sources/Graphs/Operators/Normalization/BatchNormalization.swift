package import Tensors

/// Batch normalisation with the statistics of the batch, for training.
///
/// `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`, statistics by channel.
/// - Shapes: inputs x `[batch, channels, ...]`, scale and offset `[channels]`; outputs y, the mean, the
///   variance over n elements, and the variance over n - 1, each `[channels]`. The last is what running
///   statistics take. Gradients flow through y alone.
/// - Reference: Ioffe and Szegedy 2015, 1502.03167.
package struct BatchNormalization: Operator {
    package static let kind = "BatchNormalization"
    package let epsilon: Double

    package init(epsilon: Double = 1e-5) {
        self.epsilon = epsilon
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("epsilon", .number(epsilon))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        try expectChannels(inputs[1...], of: inputs[0])
        guard inputs[0].shape.count > 0 else {
            throw GraphError(
                .shape, "BatchNormalization of no elements is undefined, got \(inputs[0].shape)")
        }
        return [inputs[0], inputs[1], inputs[1], inputs[1]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        let view = ChannelView(inputs[0].shape)
        let count = Double(view.count)
        let mean = view.sums { x[$1] }.map { $0 / count }
        let squares = view.sums { (x[$1] - mean[$0]) * (x[$1] - mean[$0]) }
        let variance = squares.map { $0 / count }
        let unbiased = squares.map { $0 / Swift.max(count - 1, 1) }
        let shape = outputs[1].shape
        let statistics = [mean, variance, unbiased].map { Tensor(shape: shape, values: $0) }
        let y = try BatchNormalizationInference(epsilon: epsilon).evaluate(
            inputs + statistics[..<2], outputs: [outputs[0]])
        return y + statistics
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil, nil] }
        let backward = try graph.append(
            BatchNormalizationGradient(epsilon: epsilon),
            [g, node.inputs[0], node.inputs[1], node.output(1), node.output(2)])
        return [backward.output(0), backward.output(1), backward.output(2)]
    }
}

/// The gradient of `BatchNormalization`, statistics included.
///
/// `dx = scale / sqrt(variance + epsilon) * (g - mean(g) - x̂ mean(g x̂))`, `dscale = Σ g x̂`, `doffset = Σ g`
/// - Shapes: inputs g, x, scale, mean and variance; outputs dx, dscale, doffset.
package struct BatchNormalizationGradient: Operator {
    package static let kind = "BatchNormalizationGradient"
    package let epsilon: Double

    package init(epsilon: Double = 1e-5) {
        self.epsilon = epsilon
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("epsilon", .number(epsilon))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 5)
        try expectChannels([inputs[2], inputs[2], inputs[3], inputs[4]], of: inputs[1])
        try expect("the gradient", inputs[0], shape: inputs[1].shape)
        return [inputs[1], inputs[2], inputs[2]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let g = inputs[0].values
        let x = inputs[1].values
        let scale = inputs[2].values
        let mean = inputs[3].values
        let factor = inputs[4].values.map { 1 / ($0 + epsilon).squareRoot() }
        let view = ChannelView(inputs[1].shape)
        let offset = view.sums { g[$1] }
        let slope = view.sums { g[$1] * (x[$1] - mean[$0]) * factor[$0] }
        let count = Double(view.count)
        let dx = x.indices.map { index in
            let channel = view.channel(of: index)
            let normalized = (x[index] - mean[channel]) * factor[channel]
            return scale[channel] * factor[channel]
                * (g[index] - offset[channel] / count - normalized * slope[channel] / count)
        }
        return [
            Tensor(shape: outputs[0].shape, values: dx),
            Tensor(shape: outputs[1].shape, values: slope),
            Tensor(shape: outputs[2].shape, values: offset),
        ]
    }
}
