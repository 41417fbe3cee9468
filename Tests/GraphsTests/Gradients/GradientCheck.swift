import Graphs
import Tensors
import Testing

/// A function of tensors whose gradient is checked: an operator, or any piece of a graph.
struct GradientCase: Sendable, CustomTestStringConvertible {
    let name: String
    let operands: [Operand]
    /// Operands by which nothing is differentiated, such as conditions and indices.
    let fixed: Set<Int>
    let build: @Sendable (inout Graph, [Value]) throws -> Value

    init(
        _ name: String, _ operands: Operand..., fixed: Set<Int> = [],
        build: @escaping @Sendable (inout Graph, [Value]) throws -> Value
    ) {
        self.name = name
        self.operands = operands
        self.fixed = fixed
        self.build = build
    }

    var testDescription: String { name }
}

/// Compares a graph's gradients with central differences in float64.
struct GradientCheck {
    let graph: Graph
    let names: [String]
    let feeds: [String: Tensor<Double>]
    let gradients: [String: Tensor<Double>]

    /// Builds `Σ output * weights` with random weights and differentiates it by the operands.
    init(_ check: GradientCase, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, name: check.name)
        var graph = Graph()
        var feeds: [String: Tensor<Double>] = [:]
        var values: [Value] = []
        for (index, operand) in check.operands.enumerated() {
            feeds["x\(index)"] = operand.draw(&generator)
            values.append(try graph.input("x\(index)", operand.shape))
        }
        let y = try check.build(&graph, values)
        let weights = try graph.constant(Operand.normal(graph.shape(of: y)).draw(&generator))
        let loss = try graph.reduce(.sum, graph.multiply(y, weights))
        graph.output("loss", loss)
        self.graph = graph

        let wanted = values.indices.filter { !check.fixed.contains($0) }
        names = wanted.map { "x\($0)" }
        var backward = graph
        let flows = try backward.gradients(of: loss, for: wanted.map { values[$0] })
        for (name, flow) in zip(names, flows) {
            backward.output(name, try #require(flow, "no gradient for \(name)"))
        }
        var interpreter = Interpreter(backward)
        gradients = try interpreter.run(feeds)
        self.feeds = feeds
    }

    /// The largest difference between the gradient by an operand and its central differences.
    func error(of name: String, step: Double = 1e-5) throws -> Double {
        let x = try #require(feeds[name])
        let gradient = try #require(gradients[name])
        var numeric = x
        for index in x.values.indices {
            let above = try loss(moving: name, at: index, by: step)
            let below = try loss(moving: name, at: index, by: -step)
            numeric.values[index] = (above - below) / (2 * step)
        }
        return distance(gradient, numeric)
    }

    private func loss(moving name: String, at index: Int, by step: Double) throws -> Double {
        var moved = feeds
        moved[name]?.values[index] += step
        var interpreter = Interpreter(graph)
        return try #require(try interpreter.run(moved)["loss"]).values[0]
    }
}
