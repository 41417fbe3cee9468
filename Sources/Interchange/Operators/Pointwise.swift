import Foundation
package import Graphs
package import Tensors

/// Element-wise functions of ONNX that the engine has no faster operator for.
package struct Pointwise: Operator {
    package enum Function: Sendable, Hashable {
        case floor, ceiling, roundHalfEven, truncate
        case sine, cosine, tangent, arcSine, arcCosine, arcTangent
        case hyperbolicSine, hyperbolicCosine, inverseSine, inverseCosine, inverseTangent
        case isInfinite(negative: Bool, positive: Bool)
        /// alpha (exp(x) - 1) below 0, gamma times either side.
        case exponentialLinear(alpha: Double, gamma: Double)
        /// max(0, x) + min(0, alpha (exp(x / alpha) - 1)).
        case continuouslyDifferentiable(alpha: Double)
        case softSign, mish
        case thresholded(Double)
        case shrink(limit: Double, bias: Double)
        case bitwiseNot
        case one
    }

    package static let kind = "Pointwise"
    package let function: Function

    package init(_ function: Function) { self.function = function }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("function", .text("\(function)"))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] { [inputs[0]] }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] { [inputs[0].map(apply)] }

    private func apply(_ x: Double) -> Double {
        switch function {
        case .floor: x.rounded(.down)
        case .ceiling: x.rounded(.up)
        case .roundHalfEven: x.rounded(.toNearestOrEven)
        case .truncate: x.rounded(.towardZero)
        case .sine: sin(x)
        case .cosine: cos(x)
        case .tangent: tan(x)
        case .arcSine: asin(x)
        case .arcCosine: acos(x)
        case .arcTangent: atan(x)
        case .hyperbolicSine: sinh(x)
        case .hyperbolicCosine: cosh(x)
        case .inverseSine: asinh(x)
        case .inverseCosine: acosh(x)
        case .inverseTangent: atanh(x)
        case .isInfinite(let negative, let positive):
            x.isInfinite && (x < 0 ? negative : positive) ? 1 : 0
        case .exponentialLinear(let alpha, let gamma): gamma * (x > 0 ? x : alpha * expm1(x))
        case .continuouslyDifferentiable(let alpha):
            max(0, x) + min(0, alpha * expm1(x / alpha))
        case .softSign: x / (1 + abs(x))
        case .mish: x * tanh(max(x, 0) + log1p(exp(-abs(x))))
        case .thresholded(let alpha): x > alpha ? x : 0
        case .shrink(let limit, let bias): x < -limit ? x + bias : x > limit ? x - bias : 0
        case .bitwiseNot: -x - 1
        case .one: 1
        }
    }
}
