package import Graphs
package import Tensors

/// Reductions that the engine lacks: products, and extremes that also hold for nothing at all.
package struct GeneralReduction: Operator {
    package enum Function: String, Sendable {
        case product, sum, maximum, minimum

        var identity: Double {
            switch self {
            case .product: 1
            case .sum: 0
            case .maximum: -.infinity
            case .minimum: .infinity
            }
        }
    }

    package static let kind = "GeneralReduction"
    package let function: Function
    package let axes: [Int]
    package let keepDimensions: Bool

    package init(_ function: Function, axes: [Int], keepDimensions: Bool) {
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
        let shape = inputs[0].shape
        let extents = shape.dimensions.indices.compactMap { axis -> Int? in
            axes.contains(axis) ? (keepDimensions ? 1 : nil) : shape[axis]
        }
        return [TensorType(Shape(extents), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var kept = inputs[0].shape
        for axis in axes { kept[axis] = 1 }
        let strides = kept.strides
        var values = [Double](repeating: function.identity, count: kept.count)
        inputs[0].shape.forEachIndex { offset, index in
            var to = 0
            for axis in index.indices where kept[axis] != 1 { to += index[axis] * strides[axis] }
            let value = inputs[0].values[offset]
            switch function {
            case .product: values[to] *= value
            case .sum: values[to] += value
            case .maximum: values[to] = max(values[to], value)
            case .minimum: values[to] = min(values[to], value)
            }
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}
