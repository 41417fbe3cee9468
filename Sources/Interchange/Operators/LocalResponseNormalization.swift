import Foundation
package import Graphs
package import Tensors

/// Divides by the energy of neighbouring channels.
///
/// `y = x / (bias + alpha / size * sum of x^2 over size channels)^beta`
/// - Reference: Krizhevsky et al. 2012.
package struct LocalResponseNormalization: Operator {
    package static let kind = "LocalResponseNormalization"
    package let size: Int
    package let alpha: Double
    package let beta: Double
    package let bias: Double

    package init(size: Int, alpha: Double, beta: Double, bias: Double) {
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.bias = bias
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("size", .integer(size)), ("alpha", .number(alpha)), ("beta", .number(beta)),
            ("bias", .number(bias)),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard inputs[0].shape.rank >= 2 else {
            throw GraphError(.shape, "expects [batch, channels, ...], got \(inputs[0].shape)")
        }
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let x = inputs[0]
        let (outer, channels, inner) = x.shape.split(at: 1)
        var result = x
        for block in 0..<outer {
            for channel in 0..<channels {
                let first = max(0, channel - (size - 1) / 2)
                let last = min(channels - 1, channel + size / 2)
                for lane in 0..<inner {
                    var energy = 0.0
                    for other in first...last {
                        let value = x.values[(block * channels + other) * inner + lane]
                        energy += value * value
                    }
                    let place = (block * channels + channel) * inner + lane
                    result.values[place] /= pow(bias + alpha / Double(size) * energy, beta)
                }
            }
        }
        return [result]
    }
}
