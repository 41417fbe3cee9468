package import Graphs
package import Tensors

/// Sums or products of all elements up to each one along an axis.
package struct CumulativeSum: Operator {
    package static let kind = "CumulativeSum"
    package let axis: Int
    package let exclusive: Bool
    package let reverse: Bool
    package let isProduct: Bool

    package init(axis: Int, exclusive: Bool, reverse: Bool, isProduct: Bool = false) {
        self.axis = axis
        self.exclusive = exclusive
        self.reverse = reverse
        self.isProduct = isProduct
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("axis", .integer(axis)), ("exclusive", .flag(exclusive)), ("reverse", .flag(reverse)),
            ("product", .flag(isProduct)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard axis < inputs[0].shape.rank else {
            throw GraphError(.shape, "\(inputs[0].shape) has no axis \(axis)")
        }
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let (outer, length, inner) = inputs[0].shape.split(at: axis)
        var result = inputs[0]
        for block in 0..<outer {
            for lane in 0..<inner {
                var total = isProduct ? 1.0 : 0.0
                for step in 0..<length {
                    let index = reverse ? length - 1 - step : step
                    let place = (block * length + index) * inner + lane
                    let value = inputs[0].values[place]
                    if exclusive { result.values[place] = total }
                    total = isProduct ? total * value : total + value
                    if !exclusive { result.values[place] = total }
                }
            }
        }
        return [result]
    }
}
