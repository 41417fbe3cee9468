package import Tensors

/// The largest element of each window.
///
/// - Shapes: `[batch, channels, height, width]` to `[batch, channels, height', width']`. Padding never wins.
package struct MaximumPool: Operator, Hashable {
    package static let kind = "MaximumPool"
    package let geometry: PoolingWindow

    package var window: [Int] { geometry.window }
    package var strides: [Int] { geometry.strides }
    package var padding: Padding { geometry.padding }
    package var ceilMode: Bool { geometry.ceilMode }

    /// - Parameter strides: nil: windows lie side by side.
    package init(
        window: [Int], strides: [Int]? = nil, padding: Padding = .none, ceilMode: Bool = false
    ) {
        geometry = PoolingWindow(
            window: window, strides: strides ?? window, padding: padding, ceilMode: ceilMode)
    }

    package var attributes: [(name: String, value: AttributeValue)] { geometry.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = try geometry.outputShape(inputs[0].shape, of: self)
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        var y = Tensor<Double>(shape: outputs[0].shape, repeating: -.infinity)
        geometry.windows(x: inputs[0].shape, y: y.shape) { target, sources, _ in
            for source in sources { y.values[target] = Swift.max(y.values[target], x[source]) }
        }
        return [y]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(MaximumPoolGradient(self), node.inputs[0], $0) }]
    }
}

/// The gradient of `MaximumPool`: the first largest element of a window, row by row, takes all of it.
///
/// - Shapes: inputs x and g; dx as x.
package struct MaximumPoolGradient: Operator {
    package static let kind = "MaximumPoolGradient"
    package let pool: MaximumPool

    package init(_ pool: MaximumPool) {
        self.pool = pool
    }

    package var attributes: [(name: String, value: AttributeValue)] { pool.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let pooled = try pool.infer([inputs[0]])[0].shape
        try expect("the gradient", inputs[1], shape: pooled)
        return [TensorType(inputs[0].shape, inputs[1].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        let g = inputs[1].values
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        pool.geometry.windows(x: inputs[0].shape, y: inputs[1].shape) { target, sources, _ in
            var winner = sources[0]
            for source in sources where x[source] > x[winner] { winner = source }
            result.values[winner] += g[target]
        }
        return [result]
    }
}

extension Graph {
    /// The largest element of each window; without strides, windows lie side by side.
    package mutating func maximumPool(
        _ x: Value, window: [Int], strides: [Int]? = nil, padding: Padding = .none,
        ceilMode: Bool = false
    ) throws -> Value {
        try add(
            MaximumPool(window: window, strides: strides, padding: padding, ceilMode: ceilMode), x)
    }
}
