import Graphs
import Tensors

/// Batch normalisation in training with the residual and the limits that follow.
///
/// `y = min(max(normalize(x) + residual, 0), ceiling)`, without limits where the ceiling is 0.
/// - Shapes: x `[batch, channels, ...]`, scale and offset `[channels]`, residual as x; outputs y, mean, biased
///   and unbiased variance.
struct NormalizedActivation: Operator {
    static let kind = "NormalizedActivation"
    let epsilon: Double
    let addsResidual: Bool
    /// Infinite for a rectifier, 0 for none.
    let ceiling: Double

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
            if ceiling > 0 {
                results[0].values[index] = min(max(results[0].values[index], 0), ceiling)
            }
        }
        return results
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("epsilon", .number(epsilon)), ("addsResidual", .flag(addsResidual)),
            ("ceiling", .number(ceiling)),
        ]
    }
}

/// The gradient of a limit and of the batch normalisation before it, in two passes over memory.
///
/// - Shapes: inputs g, [a second gradient to add], [y, the limited result], x, scale, mean, variance; outputs
///   dx, dscale, doffset and, if kept, what flows in, `g * (0 < y < ceiling)`, for other paths.
struct NormalizedActivationGradient: Operator {
    static let kind = "NormalizedActivationGradient"
    let epsilon: Double
    let adds: Bool
    let keepsMasked: Bool
    /// Infinite for a rectifier, 0 where there is no y.
    let ceiling: Double

    /// The place of x among the inputs.
    var imageInput: Int { 1 + (adds ? 1 : 0) + (ceiling > 0 ? 1 : 0) }

    func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let x = imageInput
        return [inputs[x], inputs[x + 1], inputs[x + 1]] + (keepsMasked ? [inputs[x]] : [])
    }

    func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var masked = inputs[0]
        for index in masked.values.indices {
            if adds { masked.values[index] += inputs[1].values[index] }
            guard ceiling > 0 else { continue }
            let y = inputs[imageInput - 1].values[index]
            if y <= 0 || y >= ceiling { masked.values[index] = 0 }
        }
        let results = try BatchNormalizationGradient(epsilon: epsilon).evaluate(
            [masked] + inputs[imageInput...], outputs: outputs)
        return results + (keepsMasked ? [masked] : [])
    }

    var attributes: [(name: String, value: AttributeValue)] {
        [
            ("epsilon", .number(epsilon)), ("adds", .flag(adds)),
            ("keepsMasked", .flag(keepsMasked)), ("ceiling", .number(ceiling)),
        ]
    }
}

/// The gradient of a limit behind which two paths part.
///
/// `dx = (a + b) * (0 < y < ceiling)`
/// - Shapes: inputs y, a, b, all alike.
struct MaskedSum: Operator {
    static let kind = "MaskedSum"
    let ceiling: Double

    var attributes: [(name: String, value: AttributeValue)] { [("ceiling", .number(ceiling))] }

    func infer(_ inputs: [TensorType]) throws -> [TensorType] { [inputs[1]] }

    func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let values = inputs[0].values.indices.map { index in
            let y = inputs[0].values[index]
            return y > 0 && y < ceiling ? inputs[1].values[index] + inputs[2].values[index] : 0
        }
        return [Tensor(shape: outputs[0].shape, values: values)]
    }
}
