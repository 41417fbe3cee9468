package import Graphs
import Tensors

/// Averages of parameters and statistics over the steps: what is evaluated and exported.
///
/// `average = d average + (1 - d) new`, where new is the state's value after the step. With warm-up
/// `d = min(decay, (1 + step) / (10 + step))`, so that a short run forgets its start; d is then the scalar
/// input `ema.decay`.
package struct ExponentialMovingAverage: Sendable, Hashable {
    package static let decayInput = "ema.decay"

    package var decay: Double
    /// Whether the decay grows from .1 at the first step; it costs one more pass over the parameters.
    package var warmsUp: Bool

    package init(decay: Double, warmsUp: Bool = false) {
        precondition(decay >= 0 && decay < 1, "a decay lies in [0, 1)")
        self.decay = decay
        self.warmsUp = warmsUp
    }

    /// The name of a state's average among the states.
    package static func averageName(of state: String) -> String { "average.\(state)" }

    /// The decay of a step, counted from 0.
    package func decay(step: Int) -> Double {
        warmsUp ? min(decay, Double(1 + step) / Double(10 + step)) : decay
    }

    /// Appends an average for each parameter and statistic that a step replaces.
    ///
    /// Call it after the optimiser. States that no step changes, such as a frozen teacher's, have none.
    /// - Parameter isAveraged: which of them to average.
    /// - Returns: the names of the states that have an average now.
    @discardableResult
    package func apply(
        to graph: inout Graph, where isAveraged: (StateDeclaration) -> Bool = { _ in true }
    ) throws -> [String] {
        let replaced = Dictionary(
            graph.replacements.map { ($0.state, $0.value) }, uniquingKeysWith: { first, _ in first }
        )
        let states = graph.states.map(\.declaration).filter {
            ($0.role == .parameter || $0.role == .statistic) && isAveraged($0)
        }
        let decays = warmsUp ? try graph.input(Self.decayInput, .scalar) : nil
        var names: [String] = []
        for state in states {
            guard let new = replaced[state.name] else { continue }
            let name = Self.averageName(of: state.name)
            let old = try graph.state(
                StateDeclaration(
                    name: name, shape: state.shape, role: .average,
                    initializer: .copy(of: state.name)))
            let average =
                if let decays {
                    try graph.add(new, graph.multiply(decays, graph.subtract(old, new)))
                } else {
                    try graph.movingAverage(old, new, decay: decay)
                }
            try graph.replace(state: name, with: average)
            names.append(state.name)
        }
        return names
    }
}
