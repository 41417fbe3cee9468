package import Tensors

/// The mean of each window.
///
/// - Shapes: `[batch, channels, height, width]` to `[batch, channels, height', width']`.
package struct AveragePool: Operator, Hashable {
    package static let kind = "AveragePool"
    package let geometry: PoolingWindow
    /// Whether padding counts as zeros or is left out of the mean.
    package let countsPadding: Bool

    package var window: [Int] { geometry.window }
    package var strides: [Int] { geometry.strides }
    package var padding: Padding { geometry.padding }
    package var ceilMode: Bool { geometry.ceilMode }

    /// - Parameter strides: nil: windows lie side by side.
    package init(
        window: [Int], strides: [Int]? = nil, padding: Padding = .none, ceilMode: Bool = false,
        countsPadding: Bool = true
    ) {
        geometry = PoolingWindow(
            window: window, strides: strides ?? window, padding: padding, ceilMode: ceilMode)
        self.countsPadding = countsPadding
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        geometry.attributes + [("countsPadding", .flag(countsPadding))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = try geometry.outputShape(inputs[0].shape, of: self)
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        var y = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        geometry.windows(x: inputs[0].shape, y: y.shape) { target, sources, padded in
            let sum = sources.reduce(0.0) { $0 + x[$1] }
            y.values[target] = sum / Double(countsPadding ? padded : sources.count)
        }
        return [y]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(AveragePoolGradient(self), $0, node.inputs[0]) }]
    }
}

/// The gradient of `AveragePool`: spread evenly over each window.
///
/// - Shapes: inputs g and the pooled image, for its shape; dx as the latter.
package struct AveragePoolGradient: Operator {
    package static let kind = "AveragePoolGradient"
    package let pool: AveragePool

    package init(_ pool: AveragePool) {
        self.pool = pool
    }

    package var attributes: [(name: String, value: AttributeValue)] { pool.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let pooled = try pool.infer([inputs[1]])[0].shape
        try expect("the gradient", inputs[0], shape: pooled)
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let g = inputs[0].values
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        pool.geometry.windows(x: outputs[0].shape, y: inputs[0].shape) { target, sources, padded in
            let share = g[target] / Double(pool.countsPadding ? padded : sources.count)
            for source in sources { result.values[source] += share }
        }
        return [result]
    }
}

extension Graph {
    /// The mean of each window; without strides, windows lie side by side.
    package mutating func averagePool(
        _ x: Value, window: [Int], strides: [Int]? = nil, padding: Padding = .none,
        ceilMode: Bool = false, countsPadding: Bool = true
    ) throws -> Value {
        try add(
            AveragePool(
                window: window, strides: strides, padding: padding, ceilMode: ceilMode,
                countsPadding: countsPadding), x)
    }

    /// The mean of each channel, `[batch, channels]`.
    package mutating func globalAveragePool(_ x: Value) throws -> Value {
        try reduce(.mean, x, axes: Array(2..<shape(of: x).rank))
    }
}
