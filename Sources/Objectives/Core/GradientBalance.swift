import Graphs
import Tensors

/// Weighs losses so that each has its share of the gradient that reaches the student's features.
///
/// With `g_i` the Euclidean norm of the unweighted loss's gradient by the student's last feature map (by the
/// objective's own taps where the loss does not depend on that map):
/// `n_i = d n_i + (1 - d) g_i`, `n_i = g_i` at the first step, d = 0.95, and
/// `factor_i = mean_j n_j / n_i`, limited to 1/1000...1000, over the balanced objectives j. So the factors leave
/// the size of the sum of the gradients about as it is, and an objective of weight 2 pulls twice as hard as one of
/// weight 1 whatever their units. No gradient flows through the factors.
/// - States: `balance.norm`, a scalar for each, role memory.
/// - Reference: the norms of losses' gradients at the last shared values, as in GradNorm, Chen et al. 2018,
///   1711.02257, but with the weights set directly and not trained.
struct GradientBalance {
    static let decay = 0.95

    /// One balanced loss.
    struct Term {
        /// Under which its state lies, such as `objective.2`.
        let scope: String
        let loss: Value
        /// The values of the student that it reads.
        let taps: [Value]
    }

    /// The value at which gradients of all losses meet, if the student has it.
    let shared: Value?

    /// The factor of each loss, a scalar.
    ///
    /// - Throws: `ObjectiveError.missing` for a loss that does not depend on the student.
    func factors(_ terms: [Term], in graph: inout Graph) throws -> [Value] {
        let norms = try terms.map { try averagedNorm($0, in: &graph) }
        guard let first = norms.first else { return [] }
        let sum = try norms.dropFirst().reduce(first) { try graph.add($0, $1) }
        let mean = try graph.affine(sum, scale: 1 / Double(norms.count), offset: 0)
        return try norms.map { norm in
            let factor = try graph.divide(mean, graph.atLeast(norm, 1e-12))
            return try graph.stopGradient(graph.clip(factor, minimum: 1e-3, maximum: 1e3))
        }
    }

    private func averagedNorm(_ term: Term, in graph: inout Graph) throws -> Value {
        let norm = try graph.scoped(term.scope) { graph in
            try graph.stopGradient(graph.globalNorm(gradients(term, in: &graph)))
        }
        let state = try graph.scoped(term.scope) { graph in
            try graph.state(
                "balance.norm", .scalar, role: .memory, initializer: .constant(0))
        }
        let average = try graph.movingAverage(state, norm, decay: Self.decay)
        let isSet = try graph.greater(state, graph.constant(0))
        let new = try graph.stopGradient(graph.select(isSet, average, norm))
        try graph.replace(state: graph.node(of: state).name, with: new)
        return new
    }

    private func gradients(_ term: Term, in graph: inout Graph) throws -> [Value] {
        if let shared, let gradient = try graph.gradients(of: term.loss, for: [shared])[0] {
            return [gradient]
        }
        let own = try graph.gradients(of: term.loss, for: term.taps).compactMap { $0 }
        guard !own.isEmpty else {
            throw ObjectiveError(
                .missing,
                "schedule \"balanced\" needs a loss with a gradient by the student's features, and "
                    + "this one has none")
        }
        return own
    }
}
