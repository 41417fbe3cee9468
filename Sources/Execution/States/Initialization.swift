import Foundation
import Graphs
import Tensors

extension Initializer {
    /// The first values of a state; random ones depend on the seed and the state's name.
    func values(for declaration: StateDeclaration, seed: UInt64) throws -> [Float] {
        let shape = declaration.shape
        var generator = SeededGenerator(seed: seed, name: declaration.name)
        switch self {
        case .constant(let value):
            return [Float](repeating: value, count: shape.count)
        case .kaimingNormalFanOut:
            // Weights are [outputs, inputs, rows, columns]; dense ones [outputs, inputs].
            let fan = shape.rank < 2 ? shape.count : shape.count / max(shape[1], 1)
            let deviation = (2 / Double(max(fan, 1))).squareRoot()
            return Self.normal(count: shape.count, deviation: deviation, &generator)
        case .uniformFanIn:
            let fan = shape.rank < 2 ? shape.count : shape.count / max(shape[0], 1)
            let bound = 1 / Double(max(fan, 1)).squareRoot()
            return (0..<shape.count).map { _ in Float((2 * generator.uniform() - 1) * bound) }
        case .normal(let deviation):
            return Self.normal(count: shape.count, deviation: Double(deviation), &generator)
        case .values(let tensor):
            guard tensor.shape == shape else {
                throw ExecutionError(
                    .shape, name: declaration.name,
                    "declared as \(shape), its first values have shape \(tensor.shape)")
            }
            return tensor.values
        case .copy(let source):
            throw ExecutionError(
                .unbound, name: declaration.name, "begins as a copy of state \(source)")
        }
    }

    /// Normal numbers in pairs.
    ///
    /// - Reference: Box and Muller 1958.
    private static func normal(
        count: Int, deviation: Double, _ generator: inout SeededGenerator
    ) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(count + 1)
        while values.count < count {
            let radius = deviation * (-2 * log(1 - generator.uniform())).squareRoot()
            let angle = 2 * Double.pi * generator.uniform()
            values.append(Float(radius * cos(angle)))
            values.append(Float(radius * sin(angle)))
        }
        values.removeLast(values.count - count)
        return values
    }
}
