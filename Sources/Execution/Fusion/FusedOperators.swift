import Graphs
import Tensors

/// Batch normalisation in training with the residual and the rectifier that follow.
///
/// `y = rectify(normalize(x) + residual)`
/// - Shapes: x `[batch, channels, ...]`, scale and offset `[channels]`, residual as x; outputs y, mean, biased
///   and unbiased variance.
struct NormalizedActivation: Operator {
    static let kind = "NormalizedActivation"
    let epsilon: Double
    let addsResidual: Bool
    let rectifies: Bool

    func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try BatchNormalization(epsilon: epsilon).infer(Array(inputs[..<3]))
    }

    func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var results = try BatchNormalization(epsilon: epsilon).evaluate(
            Array(inputs[..<3]), outputs: outputs)
        for index in results[0].values.indices {
            if addsResidual { results[0].values[index] += inputs[3].values[index] }
            if rectifies { results[0].values[index] = max(results[0].values[index], 0) }
        }
        return results
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("epsilon", .number(epsilon)), ("addsResidual", .flag(addsResidual)),
            ("rectifies", .flag(rectifies)),
        ]
    }
}

/// The gradient of a rectifier and of the batch normalisation before it, in two passes over memory.
///
/// - Shapes: inputs g, [a second gradient to add], y (the rectifier's result), x, scale, mean, variance; outputs
///   dx, dscale, doffset and, if kept, the masked gradient `g * (y > 0)` for other paths.
struct NormalizedActivationGradient: Operator {
    static let kind = "NormalizedActivationGradient"
    let epsilon: Double
    let adds: Bool
    let keepsMasked: Bool

    func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let x = adds ? 3 : 2
        return [inputs[x], inputs[x + 1], inputs[x + 1]] + (keepsMasked ? [inputs[x]] : [])
    }

    func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var masked = inputs[0]
        let y = inputs[adds ? 2 : 1]
        for index in masked.values.indices {
            if adds { masked.values[index] += inputs[1].values[index] }
            if y.values[index] <= 0 { masked.values[index] = 0 }
        }
        let results = try BatchNormalizationGradient(epsilon: epsilon).evaluate(
            [masked] + inputs[(adds ? 3 : 2)...], outputs: outputs)
        return results + (keepsMasked ? [masked] : [])
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("epsilon", .number(epsilon)), ("adds", .flag(adds)),
            ("keepsMasked", .flag(keepsMasked)),
        ]
    }
}

/// The gradient of a rectifier behind which two paths part.
///
/// `dx = (a + b) * (y > 0)`
/// - Shapes: inputs y, a, b, all alike.
struct MaskedSum: Operator {
    static let kind = "MaskedSum"

    func infer(_ inputs: [TensorType]) throws -> [TensorType] { [inputs[1]] }

    func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let values = inputs[0].values.indices.map { index in
            inputs[0].values[index] > 0 ? inputs[1].values[index] + inputs[2].values[index] : 0
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}
