package import Tensors

/// A sum, mean or extreme over some axes.
///
/// - Shapes: the reduced axes vanish, or become 1 with `keepDimensions`. No axes: all of them.
package struct Reduce: Operator {
    package enum Function: String, Sendable, CaseIterable {
        case sum, mean, maximum, minimum
    }

    package static let kind = "Reduce"
    package let function: Function
    package let axes: [Int]
    package let keepDimensions: Bool

    package init(_ function: Function, axes: [Int] = [], keepDimensions: Bool = false) {
        self.function = function
        self.axes = axes
        self.keepDimensions = keepDimensions
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("function", .text(function.rawValue)), ("axes", .integers(axes)),
            ("keepDimensions", .flag(keepDimensions)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        let shape = inputs[0].shape
        for axis in axes { _ = try resolve(axis, in: shape) }
        let gone = reducedAxes(of: shape)
        guard function == .sum || gone.allSatisfy({ shape[$0] > 0 }) else {
            throw GraphError(
                .shape, "the \(function.rawValue) over no elements is undefined, got \(shape)")
        }
        return [TensorType(reduced(shape, keepDimensions: keepDimensions), inputs[0].element)]
    }

    /// The axes that vanish, counted from the front.
    package func reducedAxes(of shape: Shape) -> Set<Int> {
        axes.isEmpty ? Set(0..<shape.rank) : Set(axes.map { shape.front($0) })
    }

    func reduced(_ shape: Shape, keepDimensions: Bool) -> Shape {
        let gone = reducedAxes(of: shape)
        return Shape(
            shape.dimensions.indices.compactMap { axis in
                gone.contains(axis) ? (keepDimensions ? 1 : nil) : shape[axis]
            })
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let target = reduced(x.shape, keepDimensions: true)
        let map = Broadcasting(target, to: x.shape)
        let start: Double =
            switch function {
            case .sum, .mean: 0
            case .maximum: -.infinity
            case .minimum: .infinity
            }
        var values = [Double](repeating: start, count: target.count)
        for index in x.values.indices {
            let slot = map.source(of: index)
            switch function {
            case .sum, .mean: values[slot] += x.values[index]
            case .maximum: values[slot] = Swift.max(values[slot], x.values[index])
            case .minimum: values[slot] = Swift.min(values[slot], x.values[index])
            }
        }
        if function == .mean {
            let count = Double(x.count / Swift.max(target.count, 1))
            for slot in values.indices { values[slot] /= count }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil] }
        let x = node.inputs[0]
        switch function {
        case .sum:
            return [try graph.broadcast(restored(g, like: x, in: &graph), like: x)]
        case .mean:
            return [
                try graph.add(ReduceMeanGradient(axes: axes, keepDimensions: keepDimensions), g, x)
            ]
        case .maximum, .minimum:
            // Every element that reaches the extreme takes an equal share.
            let extreme = try restored(node.output(), like: x, in: &graph)
            let ties = try graph.equal(x, extreme)
            let count = try graph.reduce(.sum, ties, axes: axes, keepDimensions: true)
            let share = try graph.divide(restored(g, like: x, in: &graph), count)
            return [try graph.multiply(ties, share)]
        }
    }

    /// A value of the output's shape with the reduced axes back as ones.
    private func restored(_ y: Value, like x: Value, in graph: inout Graph) throws -> Value {
        guard !keepDimensions else { return y }
        let shape = graph.shape(of: x)
        let gone = reducedAxes(of: shape)
        var next = 0
        let dimensions: [ReshapeDimension] = (0..<shape.rank).map { axis in
            guard !gone.contains(axis) else { return .size(1) }
            defer { next += 1 }
            return .copy(next)
        }
        return try graph.reshape(y, dimensions)
    }
}

/// The gradient of a mean: spread evenly over the elements that were averaged.
///
/// `dx[i] = g[reduced(i)] / count`
/// - Shapes: inputs g, of the mean's shape, and x; dx as x.
package struct ReduceMeanGradient: Operator {
    package static let kind = "ReduceMeanGradient"
    package let axes: [Int]
    package let keepDimensions: Bool

    package init(axes: [Int], keepDimensions: Bool) {
        self.axes = axes
        self.keepDimensions = keepDimensions
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("axes", .integers(axes)), ("keepDimensions", .flag(keepDimensions))]
    }

    private var mean: Reduce { Reduce(.mean, axes: axes, keepDimensions: keepDimensions) }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let reduced = try mean.infer([inputs[1]])[0].shape
        try expect("the gradient", inputs[0], shape: reduced)
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let map = Broadcasting(mean.reduced(shape, keepDimensions: true), to: shape)
        let count = Double(shape.count) / Double(Swift.max(inputs[0].count, 1))
        let values = (0..<shape.count).map { inputs[0].values[map.source(of: $0)] / count }
        return [Tensor(shape: shape, values: values)]
    }
}

extension Graph {
    /// Reduces over axes; negative ones count from the end, none means all.
    package mutating func reduce(
        _ function: Reduce.Function, _ x: Value, axes: [Int] = [], keepDimensions: Bool = false
    ) throws -> Value {
        try add(Reduce(function, axes: axes, keepDimensions: keepDimensions), x)
    }
}
