import Graphs
import Tensors

/// States drawn from their names alone, so that no weights are stored.
///
/// `Tests/Fixtures/networks_reference.py` draws the same in Python: kernels uniform in ±sqrt(6 / fan in),
/// scales and variances in [.75, 1.25], offsets and means in ±.2.
enum DeterministicStates {
    static func tensor(_ name: String, _ shape: Shape) -> Tensor<Double> {
        var generator = SeededGenerator(seed: 7, name: name)
        let transform: (Double) -> Double
        if shape.rank > 1 {
            let bound = (6 / Double(shape.dimensions.dropFirst().reduce(1, *))).squareRoot()
            transform = { (2 * $0 - 1) * bound }
        } else if name.hasSuffix("running_var") || name.hasSuffix("weight") {
            transform = { 0.75 + 0.5 * $0 }
        } else {
            transform = { 0.2 * (2 * $0 - 1) }
        }
        var values = [Double](repeating: 0, count: shape.count)
        for index in values.indices { values[index] = transform(generator.uniform()) }
        return Tensor(shape: shape, values: values)
    }

    /// Parameters and statistics by name, averages as their originals, the optimiser's states zero.
    static func all(of graph: Graph) -> [String: Tensor<Double>] {
        var states: [String: Tensor<Double>] = [:]
        for declaration in graph.states.map(\.declaration) {
            switch (declaration.role, declaration.initializer) {
            case (.average, .copy(let original)):
                states[declaration.name] = tensor(original, declaration.shape)
            case (.parameter, _), (.statistic, _):
                states[declaration.name] = tensor(declaration.name, declaration.shape)
            default:
                states[declaration.name] = Tensor(shape: declaration.shape, repeating: 0)
            }
        }
        return states
    }

    static func input(_ shape: Shape) -> Tensor<Double> {
        var generator = SeededGenerator(seed: 7, name: "input")
        return Tensor(
            shape: shape, values: (0..<shape.count).map { _ in 2 * generator.uniform() - 1 })
    }
}

/// Asserts that all elements agree within a tolerance.
func isClose(_ values: [Double], _ expected: [Double], within tolerance: Double) -> Bool {
    values.count == expected.count
        && zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance }
}
