package import Graphs
package import Tensors

/// Convolution over any number of spatial axes, or its transpose; the general, slow form.
///
/// - Shapes: x `[batch, channels, spatial...]`; weight `[outputs, channels / groups, window...]`, transposed
///   `[channels, outputs / groups, window...]`.
package struct SpatialConvolution: Operator {
    package static let kind = "SpatialConvolution"
    package let window: Window
    package let groups: Int
    /// For the transpose the spatial extents of the result; nil for a plain convolution.
    package let target: [Int]?

    package init(window: Window, groups: Int, transposedTo target: [Int]? = nil) {
        self.window = window
        self.groups = groups
        self.target = target
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        window.attributes + [("groups", .integer(groups)), ("target", .integers(target ?? []))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let x = inputs[0].shape
        let weight = inputs[1].shape
        let rank = window.size.count + 2
        guard x.rank == rank, weight.rank == rank,
            Array(weight.dimensions.dropFirst(2)) == window.size
        else { throw GraphError(.shape, "a weight \(weight) does not fit \(x)") }
        let fits =
            target == nil
            ? weight[1] * groups == x[1] && weight[0] % groups == 0
            : weight[0] == x[1] && x[1] % groups == 0
        guard fits else {
            throw GraphError(.shape, "a weight \(weight) in \(groups) groups does not fit \(x)")
        }
        let outputs = target == nil ? weight[0] : weight[1] * groups
        let spatial = try target ?? window.outputs(Array(x.dimensions.dropFirst(2)))
        return [TensorType(Shape([x[0], outputs] + spatial), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let weight = inputs[1]
        let shape = outputs[0].shape
        // The side on which windows are placed one after the other, and the side on which they lie.
        let (narrow, wide) = target == nil ? (shape, x.shape) : (x.shape, shape)
        let positions = Shape(Array(narrow.dimensions.dropFirst(2)))
        let extents = Shape(Array(wide.dimensions.dropFirst(2)))
        let strides = extents.strides
        let taps = Shape(window.size)
        let rows = weight.shape[0]
        let columns = weight.shape[1]
        var values = [Double](repeating: 0, count: shape.count)
        positions.forEachIndex { position, index in
            taps.forEachIndex { tap, offset in
                var place = 0
                for axis in offset.indices {
                    let at =
                        index[axis] * window.strides[axis]
                        + offset[axis] * window.dilations[axis] - window.before[axis]
                    guard at >= 0, at < extents[axis] else { return }
                    place += at * strides[axis]
                }
                for row in 0..<rows {
                    let group = row / (rows / groups)
                    for column in 0..<columns {
                        let w = weight.values[(row * columns + column) * taps.count + tap]
                        let channel = group * columns + column
                        for sample in 0..<x.shape[0] {
                            let near = (sample * narrow[1] + row) * positions.count + position
                            let far = (sample * wide[1] + channel) * extents.count + place
                            if target == nil {
                                values[near] += w * x.values[far]
                            } else {
                                values[far] += w * x.values[near]
                            }
                        }
                    }
                }
            }
        }
        return [Tensor(shape: shape, values: values)]
    }
}
