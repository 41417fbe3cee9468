package import Graphs
package import Tensors

/// Grows or crops a tensor along every axis, with values taken from itself or a constant outside.
package struct BorderPad: Operator {
    package enum Mode: String, Sendable {
        case constant, reflect, edge, wrap
    }

    package static let kind = "BorderPad"
    package let before: [Int]
    package let after: [Int]
    package let mode: Mode
    package let value: Double

    package init(before: [Int], after: [Int], mode: Mode, value: Double) {
        self.before = before
        self.after = after
        self.mode = mode
        self.value = value
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("before", .integers(before)), ("after", .integers(after)),
            ("mode", .text(mode.rawValue)), ("value", .number(value)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        guard before.count == shape.rank, after.count == shape.rank else {
            throw GraphError(.shape, "pads \(before) and \(after) do not fit \(shape)")
        }
        let extents = shape.dimensions.indices.map { shape[$0] + before[$0] + after[$0] }
        for (axis, extent) in extents.enumerated() {
            let grows = before[axis] > 0 || after[axis] > 0
            guard extent >= 0, mode == .constant || !grows || shape[axis] > 0 else {
                throw GraphError(.shape, "\(shape) cannot be padded to \(extents)")
            }
        }
        return [TensorType(Shape(extents), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let source = inputs[0].shape
        let shape = outputs[0].shape
        let strides = source.strides
        // For each axis the source of each position, nil outside.
        let sources = shape.dimensions.indices.map { axis in
            (0..<shape[axis]).map { self.source($0 - before[axis], of: source[axis]) }
        }
        var values = [Double](repeating: value, count: shape.count)
        shape.forEachIndex { offset, index in
            var from = 0
            for axis in index.indices {
                guard let position = sources[axis][index[axis]] else { return }
                from += position * strides[axis]
            }
            values[offset] = inputs[0].values[from]
        }
        return [Tensor(shape: shape, values: values)]
    }

    private func source(_ position: Int, of extent: Int) -> Int? {
        if position >= 0 && position < extent { return position }
        switch mode {
        case .constant: return nil
        case .edge: return min(max(position, 0), extent - 1)
        case .wrap: return (position % extent + extent) % extent
        case .reflect:
            guard extent > 1 else { return 0 }
            let period = 2 * (extent - 1)
            let folded = (position % period + period) % period
            return folded < extent ? folded : period - folded
        }
    }
}
