import Foundation
package import Graphs
package import Tensors

/// Pooling over windows in any number of spatial axes, with dilation and ceiling: the general form of
/// what the engine does fast for images.
///
/// - Shapes: x `[batch, channels, spatial...]`.
package struct WindowPool: Operator {
    package enum Function: Sendable, Hashable {
        case maximum
        /// Explicit padding counts or not; what a ceiling adds beyond it never does.
        case average(countsPadding: Bool)
        /// (sum of |x|^p)^(1/p).
        case power(Double)
    }

    package static let kind = "WindowPool"
    package let function: Function
    package let window: Window

    package init(_ function: Function, window: Window) {
        self.function = function
        self.window = window
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("function", .text("\(function)"))] + window.attributes
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        guard shape.rank == window.size.count + 2 else {
            throw GraphError(.shape, "a window \(window.size) does not fit \(shape)")
        }
        let spatial = try window.outputs(Array(shape.dimensions.dropFirst(2)))
        return [TensorType(Shape(shape.dimensions.prefix(2) + spatial), inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let shape = outputs[0].shape
        let spatial = Shape(Array(x.shape.dimensions.dropFirst(2)))
        let target = Shape(Array(shape.dimensions.dropFirst(2)))
        let strides = spatial.strides
        var values = [Double](repeating: 0, count: shape.count)
        for plane in 0..<(x.shape[0] * x.shape[1]) {
            let base = plane * spatial.count
            target.forEachIndex { offset, index in
                var sum = 0.0
                var largest = -Double.infinity
                var counted = 0
                Shape(window.size).forEachIndex { _, tap in
                    var from = base
                    var inside = true
                    var inPadding = true
                    for axis in tap.indices {
                        let at =
                            index[axis] * window.strides[axis]
                            + tap[axis] * window.dilations[axis] - window.before[axis]
                        inside = inside && at >= 0 && at < spatial[axis]
                        inPadding = inPadding && at < spatial[axis] + window.after[axis]
                        from += at * strides[axis]
                    }
                    guard inside else {
                        if case .average(true) = function, inPadding { counted += 1 }
                        return
                    }
                    counted += 1
                    let value = x.values[from]
                    switch function {
                    case .maximum: largest = max(largest, value)
                    case .average: sum += value
                    case .power(let p): sum += pow(abs(value), p)
                    }
                }
                values[plane * target.count + offset] =
                    switch function {
                    case .maximum: largest
                    case .average: sum / Double(max(counted, 1))
                    case .power(let p): pow(sum, 1 / p)
                    }
            }
        }
        return [Tensor(shape: shape, values: values)]
    }
}
