package import Tensors

/// A two-dimensional convolution (cross-correlation, as everywhere in deep learning).
///
/// `y[n, o, i, j] = bias[o] + Σ x[n, c, i s + u d - top, j s + v d - left] weight[o, c, u, v]`
/// - Shapes: x `[batch, channels, height, width]`, weight `[outputs, channels / groups, rows, columns]`,
///   bias `[outputs]` (optional), y `[batch, outputs, height', width']`.
package struct Convolution: Operator, Hashable {
    package static let kind = "Convolution"
    /// Steps along rows and columns.
    package let strides: [Int]
    package let padding: Padding
    /// Distances between taps along rows and columns; 1 is dense.
    package let dilations: [Int]
    package let groups: Int

    package init(
        strides: [Int] = [1, 1], padding: Padding = .none, dilations: [Int] = [1, 1],
        groups: Int = 1
    ) {
        self.strides = strides
        self.padding = padding
        self.dilations = dilations
        self.groups = groups
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("strides", .integers(strides)), ("padding", .integers(padding.list)),
            ("dilations", .integers(dilations)), ("groups", .integer(groups)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2...3)
        try expectAttribute("two strides", strides, count: 2, atLeast: 1)
        try expectAttribute("two dilations", dilations, count: 2, atLeast: 1)
        try expectAttribute("padding", padding.list, count: 4, atLeast: 0)
        try expectAttribute("groups", [groups], count: 1, atLeast: 1)
        let y = try outputShape(inputs[0], inputs[1])
        if inputs.count == 3 { try expect("a bias", inputs[2], shape: [y[1]]) }
        return [TensorType(y, inputs[0].element)]
    }

    private func outputShape(_ x: TensorType, _ weight: TensorType) throws -> Shape {
        try expect("an image", x, rank: 4...4, as: "[batch, channels, height, width]")
        try expect(
            "a weight", weight, rank: 4...4, as: "[outputs, channels / groups, rows, columns]")
        guard x.shape[1] == weight.shape[1] * groups, weight.shape[0] % groups == 0 else {
            throw GraphError(
                .shape,
                "Convolution of \(x.shape) in \(groups) groups expects a weight of "
                    + "\(x.shape[1] / groups) input channels and a multiple of \(groups) outputs, "
                    + "got \(weight.shape)")
        }
        var extents = [x.shape[0], weight.shape[0]]
        for axis in 0..<2 {
            let reach = dilations[axis] * (weight.shape[axis + 2] - 1) + 1
            let room = x.shape[axis + 2] + padding.before[axis] + padding.after[axis] - reach
            guard weight.shape[axis + 2] > 0, room >= 0 else {
                throw GraphError(
                    .shape,
                    "Convolution: a window of \(reach) does not fit into \(x.shape) with padding "
                        + "\(padding.list)")
            }
            extents.append(room / strides[axis] + 1)
        }
        return Shape(extents)
    }

    package func multiplyAdds(_ inputs: [TensorType], outputs: [TensorType]) -> Int {
        products(weight: inputs[1].shape, y: outputs[0].shape)
    }

    /// Products of a convolution, padding counted as if it were there.
    func products(weight: Shape, y: Shape) -> Int {
        y.count * weight.dimensions[1...].reduce(1, *)
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        var y = Tensor<Double>(shape: shape, repeating: 0)
        if inputs.count == 3 {
            let plane = shape[2] * shape[3]
            for index in y.values.indices {
                y.values[index] = inputs[2].values[index / plane % shape[1]]
            }
        }
        let x = inputs[0].values
        let weight = inputs[1].values
        taps(x: inputs[0].shape, weight: inputs[1].shape, y: shape) { source, tap, target in
            y.values[target] += x[source] * weight[tap]
        }
        return [y]
    }

    /// Visits every product of the convolution with the offsets into x, weight and y.
    ///
    /// The value and both gradients are sums over the same products.
    func taps(x: Shape, weight: Shape, y: Shape, _ visit: (Int, Int, Int) -> Void) {
        let channels = weight[1]
        let outputsPerGroup = weight[0] / groups
        for image in 0..<y[0] {
            for output in 0..<y[1] {
                let firstChannel = output / outputsPerGroup * channels
                for channel in 0..<channels {
                    let xPlane = (image * x[1] + firstChannel + channel) * x[2]
                    let wPlane = (output * channels + channel) * weight[2]
                    let yPlane = (image * y[1] + output) * y[2]
                    for row in 0..<y[2] {
                        for tapRow in 0..<weight[2] {
                            let xRow = row * strides[0] + tapRow * dilations[0] - padding.top
                            guard xRow >= 0 && xRow < x[2] else { continue }
                            for column in 0..<y[3] {
                                for tapColumn in 0..<weight[3] {
                                    let xColumn =
                                        column * strides[1] + tapColumn * dilations[1]
                                        - padding.left
                                    guard xColumn >= 0 && xColumn < x[3] else { continue }
                                    visit(
                                        (xPlane + xRow) * x[3] + xColumn,
                                        (wPlane + tapRow) * weight[3] + tapColumn,
                                        (yPlane + row) * y[3] + column)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return node.inputs.map { _ in nil } }
        let x = node.inputs[0]
        let weight = node.inputs[1]
        var flows: [Value?] = [
            needed[0] ? try graph.add(ConvolutionInputGradient(self), g, weight, x) : nil,
            needed[1] ? try graph.add(ConvolutionWeightGradient(self), x, g, weight) : nil,
        ]
        if node.inputs.count == 3 {
            flows.append(needed[2] ? try graph.reduce(.sum, g, axes: [0, 2, 3]) : nil)
        }
        return flows
    }
}

extension Graph {
    /// Convolves `[batch, channels, height, width]` with `[outputs, channels / groups, rows, columns]`.
    package mutating func convolve(
        _ x: Value, weight: Value, bias: Value? = nil, strides: [Int] = [1, 1],
        padding: Padding = .none, dilations: [Int] = [1, 1], groups: Int = 1, name: String? = nil
    ) throws -> Value {
        let operation = Convolution(
            strides: strides, padding: padding, dilations: dilations, groups: groups)
        return try append(operation, [x, weight] + (bias.map { [$0] } ?? []), name: name).output()
    }
}
