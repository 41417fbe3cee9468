import Foundation
import Graphs
import Objectives
import Tensors

/// Inputs of the pinned values: row-major waves, as the published tables use them.
enum Golden {
    static let studentLogits = wave([4, 5], amplitude: 3, frequency: 0.5, phase: 0.1)
    static let teacherLogits = wave([4, 5], amplitude: 3, frequency: 0.9, phase: 0.7)
    static let studentMap = wave([2, 3, 4, 4], amplitude: 1, frequency: 0.37, phase: 0.2)
    static let teacherMap = wave([2, 3, 4, 4], amplitude: 1, frequency: 0.53, phase: 0.9)
    static let labels = oneHot([0, 3, 1, 4], classes: 5)

    static func wave(
        _ shape: Shape, amplitude: Double, frequency: Double, phase: Double
    ) -> Tensor<Double> {
        Tensor(
            shape: shape,
            values: (0..<shape.count).map { amplitude * sin(frequency * Double($0) + phase) })
    }

    static func oneHot(_ classes: [Int], classes count: Int) -> Tensor<Double> {
        var result = Tensor<Double>(shape: [classes.count, count], repeating: 0)
        for (row, index) in classes.enumerated() { result[row, index] = 1 }
        return result
    }
}

/// One objective in a graph of its own, its student's taps being inputs.
struct LossProbe {
    var configuration: ObjectiveConfiguration
    var student: [String: Tensor<Double>]
    var teacher: [String: Tensor<Double>]
    var statistics: [String: (mean: [Double], deviation: [Double])] = [:]
    var labels: Tensor<Double>?
    var sampleWeights: Tensor<Double>?
    var registered = true
    /// The places of the batch's samples, those of drawn ones, and how many samples there are.
    var memory: (indices: [Double], negatives: [Double], samples: Int)?
    /// Values of the objective's own parameters; those not given are drawn from their name.
    var parameters: [String: Tensor<Double>] = [:]

    init(
        _ name: String, _ parameters: [String: ParameterValue] = [:], taps: ObjectiveTaps = .init(),
        student: [String: Tensor<Double>], teacher: [String: Tensor<Double>] = [:]
    ) {
        let parts = name.split(separator: "/").map(String.init)
        configuration = ObjectiveConfiguration(
            knowledge: parts[0], method: parts[1], taps: taps, parameters: parameters)
        self.student = student
        self.teacher = teacher
    }

    struct Built {
        var graph: Graph
        var feeds: [String: Tensor<Double>]
        var states: [String: Tensor<Double>]
        var variables: [String]

        func run() throws -> [String: Tensor<Double>] { try step().results }

        /// What a run gives and the states that it leaves.
        func step() throws -> (
            results: [String: Tensor<Double>], states: [String: Tensor<Double>]
        ) {
            var interpreter = Interpreter(graph, states: states)
            let results = try interpreter.run(feeds)
            return (results, interpreter.states)
        }
    }

    /// Outputs `loss`, and `gradient.X` for each student tap and each parameter X.
    func build() throws -> Built {
        var graph = Graph()
        var feeds: [String: Tensor<Double>] = [:]
        var context = ObjectiveContext(registered: registered)
        func input(_ name: String, _ value: Tensor<Double>) throws -> Value {
            feeds[name] = value
            return try graph.input(name, value.shape)
        }
        var variables: [(name: String, value: Value)] = []
        for (tap, value) in student.sorted(by: { $0.key < $1.key }) {
            let node = try input("student.\(tap)", value)
            graph.label(node, tap)
            variables.append(("student.\(tap)", node))
        }
        for (tap, value) in teacher { context.teacher[tap] = try input("teacher.\(tap)", value) }
        for (tap, values) in statistics {
            let shape: Shape = [values.mean.count]
            context.statistics[tap] = .values(
                mean: try input("\(tap).mean", Tensor(shape: shape, values: values.mean)),
                deviation: try input("\(tap).std", Tensor(shape: shape, values: values.deviation)))
        }
        context.labels = try labels.map { try input("labels", $0) }
        context.sampleWeights = try sampleWeights.map { try input("weights", $0) }
        if let memory {
            let batch = student.values.first?.shape[0] ?? 0
            context.sampleIndices = try input(
                ObjectiveContext.sampleIndexInput,
                Tensor(shape: [batch], values: Array(memory.indices[..<batch])))
            context.negatives = try input(
                ObjectiveContext.negativesInput,
                Tensor(shape: [memory.negatives.count], values: memory.negatives))
            context.sampleCount = memory.samples
        }
        let objective = try ObjectiveRegistry.make(configuration)
        let loss = try objective.add(to: &graph, context: context)
        graph.output("loss", loss)
        var states: [String: Tensor<Double>] = [:]
        for (declaration, value) in graph.states {
            if declaration.role == .parameter { variables.append((declaration.name, value)) }
            states[declaration.name] = parameters[declaration.name] ?? drawn(declaration)
        }
        let gradients = try graph.gradients(of: loss, for: variables.map(\.value))
        for (variable, gradient) in zip(variables, gradients) {
            if let gradient { graph.output("gradient.\(variable.name)", gradient) }
        }
        return Built(
            graph: graph, feeds: feeds, states: states, variables: variables.map(\.name))
    }

    func loss() throws -> Double {
        try build().run()["loss"]?.values[0] ?? .nan
    }

    /// The greatest difference between the gradient and central differences, over all elements.
    ///
    /// - Parameter held: the start of the names of variables that are left out.
    func worstGradientError(step: Double = 1e-5, holding held: String? = nil) throws -> Double {
        let built = try build()
        let results = try built.run()
        var worst = 0.0
        for name in built.variables where held.map({ !name.hasPrefix($0) }) ?? true {
            guard let gradient = results["gradient.\(name)"] else { return .infinity }
            for index in gradient.values.indices {
                func loss(_ offset: Double) throws -> Double {
                    var moved = built
                    moved.feeds[name]?.values[index] += offset
                    moved.states[name]?.values[index] += offset
                    return try moved.run()["loss"]?.values[0] ?? .nan
                }
                let difference = try (loss(step) - loss(-step)) / (2 * step)
                worst = max(worst, abs(difference - gradient.values[index]))
            }
        }
        return worst
    }

    private func drawn(_ declaration: StateDeclaration) -> Tensor<Double> {
        var generator = SeededGenerator(seed: 5, name: declaration.name)
        return Tensor(
            shape: declaration.shape,
            values: (0..<declaration.shape.count).map { _ in generator.uniform() * 2 - 1 })
    }
}

extension LossProbe {
    /// Every registered method on the pinned inputs.
    static func named(_ name: String) -> LossProbe {
        switch name {
        case "label/cross-entropy":
            var probe = LossProbe(name, student: ["logits": Golden.studentLogits])
            probe.labels = Golden.labels
            return probe
        case "feature/solution-flow", "feature/review": return levels(name)
        case "response/classifier-reuse":
            return LossProbe(
                name, student: ["features": Golden.studentMap],
                teacher: ["features": Golden.teacherMap])
        case let name where name.hasPrefix("response/"):
            return LossProbe(
                name, student: ["logits": Golden.studentLogits],
                teacher: ["logits": Golden.teacherLogits])
        case let name where name.hasPrefix("feature/") || name.hasSuffix("/similarity-preserving"):
            var probe = LossProbe(
                name, student: ["features": Golden.studentMap],
                teacher: ["features": Golden.teacherMap])
            probe.statistics = ["features": ([0.1, -0.2, 0.3], [0.5, 0.8, 1.1])]
            return probe
        case "relation/contrastive":
            var probe = LossProbe(
                name, ["dimensions": .number(3)], student: ["pooled": Golden.studentLogits],
                teacher: ["pooled": Golden.teacherLogits])
            probe.memory = ([1, 6, 0, 3], [2, 5, 6, 7, 1, 2], 8)
            return probe
        case "relation/queue":
            return LossProbe(
                name, ["queue": .number(6)], student: ["pooled": Golden.studentLogits],
                teacher: ["pooled": Golden.teacherLogits])
        default:
            return LossProbe(
                name, student: ["pooled": Golden.studentLogits],
                teacher: ["pooled": Golden.teacherLogits])
        }
    }

    /// Four levels of different widths on either side.
    private static func levels(_ name: String) -> LossProbe {
        func maps(_ widths: [Int], _ frequency: Double) -> [String: Tensor<Double>] {
            var maps: [String: Tensor<Double>] = [:]
            for (level, width) in widths.enumerated() {
                let side = level < 2 ? 4 : 2
                maps["layer\(level + 1)"] = Golden.wave(
                    [2, width, side, side], amplitude: 1,
                    frequency: frequency + Double(level) * 0.1, phase: 0.3)
            }
            return maps
        }
        return LossProbe(
            name, name == "feature/review" ? ["channels": .number(2)] : [:],
            student: maps([3, 2, 3, 4], 0.37), teacher: maps([3, 3, 4, 4], 0.53))
    }

    /// The same with every tensor of student and teacher changed.
    func mapping(_ transform: (Tensor<Double>) -> Tensor<Double>) -> LossProbe {
        var result = self
        result.student = student.mapValues(transform)
        result.teacher = teacher.mapValues(transform)
        return result
    }
}
