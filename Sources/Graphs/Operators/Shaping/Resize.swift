package import Tensors

/// An image at another size, pixel centres aligned at half integers (`align_corners=False`), edges repeated.
///
/// - Shapes: `[batch, channels, height, width]` to `[batch, channels, height', width']`.
package struct Resize: Operator, Hashable {
    package enum Target: Sendable, Hashable {
        case size(height: Int, width: Int)
        /// Extents multiplied and rounded down.
        case scale(height: Double, width: Double)
    }

    package enum Mode: String, Sendable {
        /// The pixel at `floor(i / scale)`.
        case nearest
        case bilinear
    }

    package static let kind = "Resize"
    package let target: Target
    package let mode: Mode

    package init(to target: Target, mode: Mode) {
        self.target = target
        self.mode = mode
    }

    package init(height: Int, width: Int, mode: Mode) {
        self.init(to: .size(height: height, width: width), mode: mode)
    }

    package init(scale: Double, mode: Mode) {
        self.init(to: .scale(height: scale, width: scale), mode: mode)
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        switch target {
        case .size(let height, let width):
            [("mode", .text(mode.rawValue)), ("size", .integers([height, width]))]
        case .scale(let height, let width):
            [
                ("mode", .text(mode.rawValue)), ("heightScale", .number(height)),
                ("widthScale", .number(width)),
            ]
        }
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 1)
        try expect("an image", inputs[0], rank: 4...4, as: "[batch, channels, height, width]")
        var shape = inputs[0].shape
        if case .scale(let height, let width) = target {
            guard (0...65536).contains(height), (0...65536).contains(width) else {
                throw GraphError(
                    .shape, "Resize expects scales up to 65536, got \(height), \(width)")
            }
        }
        let extents =
            switch target {
            case .size(let height, let width): [height, width]
            case .scale(let height, let width):
                [Int(Double(shape[2]) * height), Int(Double(shape[3]) * width)]
            }
        guard extents.allSatisfy({ $0 > 0 }), shape[2] > 0, shape[3] > 0 else {
            throw GraphError(.shape, "Resize of \(shape) to \(extents) leaves no pixels")
        }
        (shape[2], shape[3]) = (extents[0], extents[1])
        return [TensorType(shape, inputs[0].element)]
    }

    /// For each output index along an axis the two source indices and the weight of the second.
    func sources(axis: Int, from extent: Int, to count: Int) -> [(
        low: Int, high: Int, share: Double
    )] {
        let step =
            switch target {
            case .size: Double(extent) / Double(count)
            case .scale(let height, let width): 1 / (axis == 0 ? height : width)
            }
        return (0..<count).map { index in
            switch mode {
            case .nearest:
                let source = Swift.min(Int((Double(index) * step).rounded(.down)), extent - 1)
                return (source, source, 0)
            case .bilinear:
                let centre = Swift.max((Double(index) + 0.5) * step - 0.5, 0)
                let low = Swift.min(Int(centre), extent - 1)
                return (low, Swift.min(low + 1, extent - 1), centre - Double(low))
            }
        }
    }

    /// Visits every product of the interpolation: offset in x, offset in y, weight.
    func taps(x: Shape, y: Shape, _ visit: (Int, Int, Double) -> Void) {
        let rows = sources(axis: 0, from: x[2], to: y[2])
        let columns = sources(axis: 1, from: x[3], to: y[3])
        var target = 0
        for plane in 0..<(x[0] * x[1]) {
            for row in rows {
                for column in columns {
                    for (sourceRow, rowShare) in [(row.low, 1 - row.share), (row.high, row.share)] {
                        let start = (plane * x[2] + sourceRow) * x[3]
                        visit(start + column.low, target, rowShare * (1 - column.share))
                        visit(start + column.high, target, rowShare * column.share)
                    }
                    target += 1
                }
            }
        }
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0].values
        var y = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        taps(x: inputs[0].shape, y: y.shape) { source, target, weight in
            y.values[target] += weight * x[source]
        }
        return [y]
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        [try gradients[0].map { try graph.add(ResizeGradient(self), $0, node.inputs[0]) }]
    }
}

/// The gradient of `Resize`.
///
/// - Shapes: inputs g and the resized image, for its shape; dx as the latter.
package struct ResizeGradient: Operator {
    package static let kind = "ResizeGradient"
    package let resize: Resize

    package init(_ resize: Resize) {
        self.resize = resize
    }

    package var attributes: [(name: String, value: AttributeValue)] { resize.attributes }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
        let resized = try resize.infer([inputs[1]])[0].shape
        try expect("the gradient", inputs[0], shape: resized)
        return [TensorType(inputs[1].shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let g = inputs[0].values
        var result = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        resize.taps(x: outputs[0].shape, y: inputs[0].shape) { source, target, weight in
            result.values[source] += weight * g[target]
        }
        return [result]
    }
}

extension Graph {
    /// Resizes `[batch, channels, height, width]` to a fixed size.
    package mutating func resize(
        _ x: Value, height: Int, width: Int, mode: Resize.Mode
    ) throws -> Value {
        try add(Resize(height: height, width: width, mode: mode), x)
    }

    /// Resizes `[batch, channels, height, width]` by a factor.
    package mutating func resize(_ x: Value, scale: Double, mode: Resize.Mode) throws -> Value {
        try add(Resize(scale: scale, mode: mode), x)
    }
}
