import Tensors

/// What a random operand of a test looks like.
enum Operand: Sendable {
    case normal(Shape)
    /// Uniform in [0.5, 2].
    case positive(Shape)
    /// Whole numbers apart from each other in random order: no ties, no crossing by a small step.
    case distinct(Shape)
    /// Whole numbers below a bound: ties and indices.
    case whole(Shape, below: Int)

    var shape: Shape {
        switch self {
        case .normal(let shape), .positive(let shape), .distinct(let shape), .whole(let shape, _):
            shape
        }
    }

    func draw(_ generator: inout SeededGenerator) -> Tensor<Double> {
        let count = shape.count
        let values: [Double] =
            switch self {
            case .normal:
                // The sum of twelve uniforms has variance 1.
                (0..<count).map { _ in (0..<12).reduce(-6.0) { sum, _ in sum + generator.uniform() }
                }
            case .positive:
                (0..<count).map { _ in 0.5 + 1.5 * generator.uniform() }
            case .distinct:
                (0..<count).shuffled(using: &generator).map { 0.25 * Double($0 - count / 2) + 0.1 }
            case .whole(_, let bound):
                (0..<count).map { _ in Double(Int(generator.uniform() * Double(bound))) }
            }
        return Tensor(shape: shape, values: values)
    }
}
