import Foundation
package import Graphs
package import Tensors

/// Element-wise functions of two operands beyond those of the engine, under NumPy's broadcasting.
package struct Arithmetic: Operator {
    package enum Function: String, Sendable {
        case less, lessOrEqual, greaterOrEqual, and, or, exclusiveOr
        /// Division of integers, cut towards zero.
        case integerDivide
        /// The remainder with the sign of the divisor.
        case modulo
        /// The remainder with the sign of the dividend.
        case remainder
        /// a where a is at least 0, a times b below.
        case leak
        case bitwiseAnd, bitwiseOr, bitwiseExclusiveOr
        /// Bits moved towards the high end, those of 64-bit words.
        case shiftLeft
        /// Bits moved towards the low end, the sign repeated.
        case shiftRight
    }

    package static let kind = "Arithmetic"
    package let function: Function

    package init(_ function: Function) { self.function = function }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("function", .text(function.rawValue))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
            throw GraphError(
                .shape,
                "\(function.rawValue) expects shapes that broadcast, got \(inputs[0].shape) and "
                    + "\(inputs[1].shape)")
        }
        return [TensorType(shape, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let shape = outputs[0].shape
        let left = Broadcasting(inputs[0].shape, to: shape)
        let right = Broadcasting(inputs[1].shape, to: shape)
        let values = try (0..<shape.count).map { index in
            try apply(
                inputs[0].values[left.source(of: index)], inputs[1].values[right.source(of: index)])
        }
        return [Tensor(shape: shape, values: values)]
    }

    private func apply(_ a: Double, _ b: Double) throws -> Double {
        switch function {
        case .less: return a < b ? 1 : 0
        case .lessOrEqual: return a <= b ? 1 : 0
        case .greaterOrEqual: return a >= b ? 1 : 0
        case .and: return a != 0 && b != 0 ? 1 : 0
        case .or: return a != 0 || b != 0 ? 1 : 0
        case .exclusiveOr: return (a != 0) != (b != 0) ? 1 : 0
        case .integerDivide:
            guard b != 0 else { throw GraphError(.shape, "an integer is divided by zero") }
            return (a / b).rounded(.towardZero)
        case .modulo:
            let rest = fmod(a, b)
            return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
        case .remainder: return fmod(a, b)
        case .leak: return a < 0 ? a * b : a
        case .bitwiseAnd: return Double(Int64(limiting: a) & Int64(limiting: b))
        case .bitwiseOr: return Double(Int64(limiting: a) | Int64(limiting: b))
        case .shiftLeft: return b < 0 ? 0 : Double(Int64(limiting: a) << Int64(limiting: b))
        case .shiftRight:
            return b < 0 ? (a < 0 ? -1 : 0) : Double(Int64(limiting: a) >> Int64(limiting: b))
        case .bitwiseExclusiveOr: return Double(Int64(limiting: a) ^ Int64(limiting: b))
        }
    }
}
