import Execution
import Graphs
import Tensors
import Testing

/// Runs graphs both ways, by plan and by the exact interpreter.
struct Oracle {
    var seed: UInt64
    var generator: SeededGenerator

    init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    mutating func random(_ shape: Shape, in range: ClosedRange<Double> = -1...1) -> Tensor<Float> {
        let width = range.upperBound - range.lowerBound
        return Tensor(
            shape: shape,
            values: (0..<shape.count).map { _ in
                Float(range.lowerBound + width * generator.uniform())
            })
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[integer(0...(choices.count - 1))]
    }

    /// Random values for all inputs of a graph.
    mutating func feeds(
        _ graph: Graph, in range: ClosedRange<Double> = -1...1
    ) -> [String: Tensor<Float>] {
        var feeds: [String: Tensor<Float>] = [:]
        for (name, value) in graph.inputs {
            feeds[name] = random(graph.shape(of: value), in: range)
        }
        return feeds
    }

    /// Random values for all states of a graph.
    mutating func fill(_ store: StateStore, _ graph: Graph) throws {
        for (declaration, _) in graph.states where declaration.role == .parameter {
            try store.write(declaration.name, random(declaration.shape))
        }
    }

    /// Compares all outputs and all states after one run.
    func check(
        _ graph: Graph, feeds: [String: Tensor<Float>], store: StateStore = StateStore(),
        options: PlanOptions = PlanOptions(threads: 2), tolerance: Double = 2e-5,
        byLength: Bool = false, allowsSlow: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try store.declare(statesOf: graph, seed: seed)
        var interpreter = Interpreter(graph, states: try Self.states(store))
        let expected = try interpreter.run(feeds.mapValues { $0.map(Double.init) })
        let plan = try CPUExecutor().compile(graph, store: store, options: options)
        if !allowsSlow {
            #expect(plan.report.slowNodes.isEmpty, sourceLocation: sourceLocation)
        }
        for (name, tensor) in feeds { try plan.feed(name, tensor) }
        try plan.run()
        for (name, value) in expected {
            let found = try plan.read(name)
            expect(
                found, value, tolerance: tolerance, byLength: byLength, "output \(name)",
                sourceLocation: sourceLocation)
        }
        for (name, value) in interpreter.states {
            expect(
                try store.read(name), value, tolerance: tolerance, byLength: byLength,
                "state \(name)", sourceLocation: sourceLocation)
        }
    }

    static func states(_ store: StateStore) throws -> [String: Tensor<Double>] {
        var states: [String: Tensor<Double>] = [:]
        for name in store.names { states[name] = try store.read(name).map(Double.init) }
        return states
    }

    /// Compares element by element relative to the largest, or the length of the difference relative to the
    /// length of the whole, which suits rounding that flips a few masks.
    func expect(
        _ found: Tensor<Float>, _ expected: Tensor<Double>, tolerance: Double,
        byLength: Bool = false, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(found.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
        if byLength {
            func length(_ values: some Sequence<Double>) -> Double {
                values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            }
            let gap = length(zip(found.values, expected.values).map { Double($0) - $1 })
            let whole = length(expected.values)
            #expect(
                gap <= tolerance * whole + 1e-4,
                "\(what), seed \(seed): \(gap) off of \(whole)", sourceLocation: sourceLocation)
            return
        }
        let scale = max(expected.values.map(abs).max() ?? 0, 1e-3)
        var worst = 0.0
        var place = 0
        for (index, (a, b)) in zip(found.values, expected.values).enumerated() {
            let difference = a.isNaN || b.isNaN ? .infinity : abs(Double(a) - b)
            if difference > worst { (worst, place) = (difference, index) }
        }
        #expect(
            worst <= tolerance * scale,
            """
            \(what), seed \(seed): \(found.values.isEmpty ? 0 : found.values[place]) instead of \
            \(expected.values.isEmpty ? 0 : expected.values[place]) at \(place) of \(found.shape)
            """, sourceLocation: sourceLocation)
    }
}
