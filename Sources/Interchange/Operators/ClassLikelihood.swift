package import Graphs
package import Tensors

/// The negative logarithm of the probability of the right class, weighted by class.
///
/// - Shapes: inputs `[batch, classes, ...]`, targets `[batch, ...]` and optionally weights `[classes]`; `[]`, or as
///   the targets without a reduction.
package struct ClassLikelihood: Operator {
    package enum Reduction: String, Sendable {
        case none, sum
        /// Divided by the weights of all targets that count.
        case mean
    }

    package static let kind = "ClassLikelihood"
    package let reduction: Reduction
    /// A target that does not count.
    package let ignored: Int?

    package init(reduction: Reduction, ignored: Int? = nil) {
        self.reduction = reduction
        self.ignored = ignored
    }

    package var attributes: [(name: String, value: AttributeValue)] {
        [
            ("reduction", .text(reduction.rawValue)),
            ("ignored", .text(ignored.map { String($0) } ?? "none")),
        ]
    }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        let shape = inputs[0].shape
        var targets = shape.dimensions
        guard shape.rank >= 2, inputs.count >= 2 else {
            throw GraphError(.shape, "expects [batch, classes, ...] and targets, got \(shape)")
        }
        targets.remove(at: 1)
        guard inputs[1].shape == Shape(targets) else {
            throw GraphError(.shape, "targets \(inputs[1].shape) do not fit \(shape)")
        }
        guard inputs.count < 3 || inputs[2].shape == [shape[1]] else {
            throw GraphError(.shape, "weights \(inputs[2].shape) do not fit \(shape)")
        }
        return [TensorType(reduction == .none ? Shape(targets) : .scalar, inputs[0].element)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        let (_, classes, inner) = inputs[0].shape.split(at: 1)
        var losses = Tensor(shape: inputs[1].shape, repeating: 0.0)
        var total = 0.0
        for (index, target) in inputs[1].values.enumerated() {
            if let ignored, target == Double(ignored) { continue }
            guard let row = Int(exactly: target), (0..<classes).contains(row) else {
                throw GraphError(.shape, "class \(target) is not one of \(classes)")
            }
            let weight = inputs.count > 2 ? inputs[2].values[row] : 1
            let from = (index / inner * classes + row) * inner + index % inner
            losses.values[index] = -weight * inputs[0].values[from]
            total += weight
        }
        guard reduction != .none else { return [losses] }
        let sum = losses.values.reduce(0, +)
        return [Tensor(scalar: reduction == .sum ? sum : sum / total)]
    }
}
