package import Tensors

/// Layer normalisation: each position by its own mean and variance over one axis.
///
/// `y = (x - mean) / sqrt(variance + epsilon) * scale + offset`, mean and biased variance over the axis.
/// - Shapes: inputs x, then scale and offset `[extent of the axis]`; y as x. The axis is the last one for
///   tokens `[batch, tokens, features]` and 1 for maps `[batch, channels, height, width]`.
/// - Reference: Ba et al. 2016, 1607.06450.
package struct LayerNormalization: Operator {
    package static let kind = "LayerNormalization"
    package let axis: Int
    package let epsilon: Double

    package init(axis: Int = -1, epsilon: Double = 1e-5) {
        self.axis = axis
        self.epsilon = epsilon
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis)), ("epsilon", .number(epsilon))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        let shape = inputs[0].shape
        let extent = shape[try resolve(axis, in: shape)]
        guard extent > 0 else {
            throw GraphError(.shape, "LayerNormalization over no elements in \(shape)")
        }
        try expect("a scale", inputs[1], shape: [extent])
        try expect("an offset", inputs[2], shape: [extent])
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        var y = inputs[0]
        for lane in AxisView(y.shape, axis: axis).lanes {
            let (mean, factor) = LayerNormalization.moments(x, lane, epsilon)
            for (position, offset) in lane.enumerated() {
                y.values[offset] =
                    (x[offset] - mean) * factor * inputs[1].values[position]
                    + inputs[2].values[position]
            }
        }
        return [y]
    }

    /// The mean of a lane and the inverse of its deviation.
    static func moments(
        _ x: [Double], _ lane: StrideTo<Int>, _ epsilon: Double
    ) -> (mean: Double, factor: Double) {
        var count = 0.0
        var mean = 0.0
        for offset in lane {
            mean += x[offset]
            count += 1
        }
        mean /= count
        let variance = lane.reduce(0.0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
        return (mean, 1 / (variance + epsilon).squareRoot())
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil, nil] }
        let flows = try graph.append(
            LayerNormalizationGradient(axis: axis, epsilon: epsilon),
            [g, node.inputs[0], node.inputs[1]])
        return (0..<3).map { needed[$0] ? flows.output($0) : nil }
    }
}

/// The gradients of `LayerNormalization` by x, scale and offset.
///
/// With n = (x - mean) f, f = 1 / sqrt(variance + epsilon) and h = g scale:
/// `dx = f (h - mean(h) - n mean(h n))`, `dscale = Σ g n`, `doffset = Σ g`.
/// - Shapes: inputs g, x and scale; outputs as x, scale and scale.
package struct LayerNormalizationGradient: Operator {
    package static let kind = "LayerNormalizationGradient"
    package let axis: Int
    package let epsilon: Double

    package init(axis: Int, epsilon: Double) {
        self.axis = axis
        self.epsilon = epsilon
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axis", .integer(axis)), ("epsilon", .number(epsilon))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        let forward = LayerNormalization(axis: axis, epsilon: epsilon)
        let y = try forward.infer([inputs[1], inputs[2], inputs[2]])[0]
        try expect("the gradient", inputs[0], shape: y.shape)
        return [y, inputs[2], inputs[2]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let g = inputs[0].values
        let x = inputs[1].values
        let scale = inputs[2].values
        var dx = inputs[1]
        var dscale = Tensor<Double>(shape: inputs[2].shape, repeating: 0)
        var doffset = dscale
        for lane in AxisView(dx.shape, axis: axis).lanes {
            let (mean, factor) = LayerNormalization.moments(x, lane, epsilon)
            var sum = 0.0
            var product = 0.0
            for (position, offset) in lane.enumerated() {
                let normal = (x[offset] - mean) * factor
                sum += g[offset] * scale[position]
                product += g[offset] * scale[position] * normal
                dscale.values[position] += g[offset] * normal
                doffset.values[position] += g[offset]
            }
            let count = Double(scale.count)
            for (position, offset) in lane.enumerated() {
                let normal = (x[offset] - mean) * factor
                dx.values[offset] =
                    factor * (g[offset] * scale[position] - sum / count - normal * product / count)
            }
        }
        return [dx, dscale, doffset]
    }
}

extension Graph {
    /// Layer normalisation over one axis, by default the last.
    package mutating func normalizeLayer(
        _ x: Value, scale: Value, offset: Value, axis: Int = -1, epsilon: Double = 1e-5,
        name: String? = nil
    ) throws -> Value {
        try add(LayerNormalization(axis: axis, epsilon: epsilon), x, scale, offset, name: name)
    }
}
