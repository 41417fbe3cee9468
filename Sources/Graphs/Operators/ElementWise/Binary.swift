import Foundation
package import Tensors

/// An element-wise function of two tensors under NumPy's broadcasting.
///
/// `y[i] = f(a[i], b[i])`
/// - Shapes: a, b broadcastable; y their common shape.
package struct Binary: Operator {
    package enum Function: String, Sendable, CaseIterable {
        case add, subtract, multiply, divide, maximum, minimum, power
        /// 1 where a > b, else 0.
        case greater
        /// 1 where a = b, else 0.
        case equal
    }

    package static let kind = "Binary"
    package let function: Function

    package init(_ function: Function) {
        self.function = function
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [("function", .text(function.rawValue))]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 2)
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
        let values = (0..<shape.count).map { index in
            apply(
                inputs[0].values[left.source(of: index)], inputs[1].values[right.source(of: index)])
        }
        return [Tensor(shape: shape, values: values)]
    }

    private func apply(_ a: Double, _ b: Double) -> Double {
        switch function {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .maximum: Swift.max(a, b)
        case .minimum: Swift.min(a, b)
        case .power: pow(a, b)
        case .greater: a > b ? 1 : 0
        case .equal: a == b ? 1 : 0
        }
    }

    package func differentiate(
        _ node: Node, gradients: [Value?], needed: [Bool], in graph: inout Graph
    ) throws -> [Value?] {
        guard let g = gradients[0] else { return [nil, nil] }
        let a = node.inputs[0]
        let b = node.inputs[1]
        let y = node.output()
        var left: Value?
        var right: Value?
        switch function {
        case .add:
            (left, right) = (g, g)
        case .subtract:
            (left, right) = (g, needed[1] ? try graph.negate(g) : nil)
        case .multiply:
            left = needed[0] ? try graph.multiply(g, b) : nil
            right = needed[1] ? try graph.multiply(g, a) : nil
        case .divide:
            left = needed[0] ? try graph.divide(g, b) : nil
            if needed[1] {
                right = try graph.negate(graph.divide(graph.multiply(g, y), b))
            }
        case .maximum, .minimum:
            // At a tie the gradient goes to the first operand.
            let pick = function == .maximum ? (b, a) : (a, b)
            let other = try graph.add(Binary(.greater), pick.0, pick.1)
            left =
                needed[0] ? try graph.multiply(g, graph.affine(other, scale: -1, offset: 1)) : nil
            right = needed[1] ? try graph.multiply(g, other) : nil
        case .power:
            if needed[0] {
                let lower = try graph.add(Binary(.power), a, graph.affine(b, scale: 1, offset: -1))
                left = try graph.multiply(g, graph.multiply(b, lower))
            }
            if needed[1] {
                right = try graph.multiply(g, graph.multiply(y, graph.logarithm(a)))
            }
        case .greater, .equal:
            return [nil, nil]
        }
        return [
            try needed[0] ? left.map { try graph.reduce($0, like: a) } : nil,
            try needed[1] ? right.map { try graph.reduce($0, like: b) } : nil,
        ]
    }
}

extension Graph {
    package mutating func add(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.add), a, b)
    }

    package mutating func subtract(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.subtract), a, b)
    }

    package mutating func multiply(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.multiply), a, b)
    }

    package mutating func divide(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.divide), a, b)
    }

    package mutating func maximum(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.maximum), a, b)
    }

    package mutating func minimum(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.minimum), a, b)
    }

    /// a to the power of b.
    package mutating func power(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.power), a, b)
    }

    /// 1 where a = b, else 0.
    package mutating func equal(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.equal), a, b)
    }

    /// 1 where a > b, else 0.
    package mutating func greater(_ a: Value, _ b: Value) throws -> Value {
        try add(Binary(.greater), a, b)
    }
}
