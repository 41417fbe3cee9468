import Graphs
import Tensors

/// A random network of convolutions, normalisations, sums, rectifiers and things to be rewritten.
struct RandomGraph {
    var graph = Graph()
    var states: [String: Tensor<Double>] = [:]
    var feeds: [String: Tensor<Double>] = [:]
    private var generator: SeededGenerator
    /// Images of one shape to build on.
    private var images: [Value] = []

    init(seed: UInt64, steps: Int = 24) throws {
        generator = SeededGenerator(seed: seed)
        let shape: Shape = [2, 3, 4, 4]
        images.append(try graph.input("x", shape))
        feeds["x"] = Operand.normal(shape).draw(&generator)
        for step in 0..<steps { try grow(step) }
        graph.output("last", images[images.count - 1])
        graph.output("some", pick())
        let mean = try graph.reduce(.mean, pick(), axes: [0, 2, 3])
        let memory = try state("memory", .normal([3]), role: .memory)
        try graph.replace(state: memory, with: mean)
    }

    private mutating func pick() -> Value {
        // Recent ones more often, so that chains arise.
        let back = Int(generator.uniform() * generator.uniform() * Double(images.count))
        return images[images.count - 1 - back]
    }

    private mutating func state(
        _ name: String, _ operand: Operand, role: StateDeclaration.Role = .parameter
    ) throws -> String {
        _ = try graph.state(name, operand.shape, role: role, initializer: .constant(0))
        states[name] = operand.draw(&generator)
        return name
    }

    private mutating func parameter(_ name: String, _ operand: Operand) throws -> Value {
        let name = try state(name, operand)
        return try graph.value(named: name)
    }

    private mutating func grow(_ step: Int) throws {
        let x = pick()
        let name = "step\(step)"
        switch Int(generator.uniform() * 12) {
        case 0, 1, 2:
            let weight = try parameter("\(name).weight", .normal([3, 3, 3, 3]))
            let bias = generator.uniform() < 0.5 ? try parameter("\(name).bias", .normal([3])) : nil
            images.append(
                try graph.convolve(x, weight: weight, bias: bias, padding: Padding(1), name: name))
        case 3, 4:
            let vectors = try ["scale", "offset", "mean"].map {
                try parameter("\(name).\($0)", .normal([3]))
            }
            let variance = try parameter("\(name).variance", .positive([3]))
            images.append(
                try graph.normalize(
                    x, scale: vectors[0], offset: vectors[1], mean: vectors[2],
                    variance: variance, name: name))
        case 5, 6:
            images.append(try graph.rectify(x, name: name))
        case 7, 8:
            images.append(try graph.add(Binary(.add), x, pick(), name: name))
        case 9:
            images.append(try graph.affine(x))
        case 10:
            let two = try graph.multiply(graph.constant(4), graph.constant(0.5))
            images.append(try graph.unary(.tanh, graph.multiply(x, two)))
        default:
            graph.label(x, name)
            images.append(try graph.add(graph.square(x), graph.square(x)))
        }
    }
}

/// Evaluates two graphs and returns the largest difference among outputs, states and common labels.
func difference(
    _ left: Graph, _ right: Graph, states: [String: Tensor<Double>], feeds: [String: Tensor<Double>]
) throws -> Double {
    var first = Interpreter(left, states: states)
    var second = Interpreter(right, states: states)
    let expected = try first.run(feeds)
    let found = try second.run(feeds)
    guard expected.keys == found.keys, first.states.keys == second.states.keys else {
        return .infinity
    }
    var worst = 0.0
    for (name, value) in expected { worst = max(worst, distance(value, found[name] ?? value)) }
    for (name, value) in first.states {
        worst = max(worst, distance(value, second.states[name] ?? value))
    }
    let before = try Interpreter(left, states: states).evaluate(feeds)
    let after = try Interpreter(right, states: states).evaluate(feeds)
    for (name, value) in right.labels {
        guard let original = try? left.value(named: name) else { return .infinity }
        worst = max(
            worst,
            distance(before[original.node][original.output], after[value.node][value.output]))
    }
    return worst
}
