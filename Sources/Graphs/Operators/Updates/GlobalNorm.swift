package import Tensors

/// The Euclidean norm of many tensors as if they were one: what gradient clipping looks at.
///
/// `y = sqrt(Σ_t Σ_i x_t[i]²)`
/// - Shapes: any inputs, at least one; y is a scalar. It has no derivative.
package struct GlobalNorm: Operator {
    package static let kind = "GlobalNorm"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard let first = inputs.first else {
            throw GraphError(.shape, "GlobalNorm expects at least one input")
        }
        return [TensorType(.scalar, first.element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let sum = inputs.reduce(0.0) { sum, x in x.values.reduce(sum) { $0 + $1 * $1 } }
        return [Tensor(scalar: sum.squareRoot())]
    }
}

extension Graph {
    /// The Euclidean norm of all the values together.
    package mutating func globalNorm(_ values: [Value]) throws -> Value {
        try append(GlobalNorm(), values).output()
    }
}
