package import Graphs
import Tensors

/// OFD: the teacher's map before its rectifier, where only a positive response must be met exactly.
///
/// `sum_l 2^(l-n+1) (1/B) sum (s - t')^2 [s > t' or t > 0]`, `t' = max(t, m)`, s the student's map through a
/// trained 1x1 convolution with batch normalisation: below the negative margin m of its channel the student
/// may fall as it likes where the teacher does not respond.
///
/// The margin is the mean of a channel's negative responses. By `margin = "statistics"` it is that of a
/// normal distribution with the channel's mean u and deviation d over the data set,
/// `m = u - d exp(-(u/d)^2 / 2) / (sqrt(2 pi) P(-u/d))`, P the normal distribution, or -3 d where P <= 0.001. At
/// the output of a batch normalisation u and d are its offset and the size of its scale, as in the paper; any
/// other tap has its own. By `margin = "batch"` it is the mean of the channel's negative values in the batch,
/// 0 if there are none: behind a rectifier that asks of the student not to respond where the teacher does
/// not.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`; the larger map is
///   averaged.
/// - Parameters: `margin`, `statistics`; `projector`, `normalized`.
/// - Reference: Heo et al. 2019, 1904.01866.
package struct ComprehensiveOverhaul: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "overhaul"
    package static let summary = "the map before its rectifier, with a margin below zero (OFD)"
    package static let usualWeight = 0.01

    package enum Margin: String, Sendable, CaseIterable {
        case statistics, batch
    }

    package let pairs: [TapPair]
    package let margin: Margin
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        let text = try parameters.text(
            "margin", default: Margin.statistics.rawValue, among: Margin.allCases.map(\.rawValue))
        margin = Margin(rawValue: text) ?? .statistics
        projection = try Projection.read(&parameters, default: .normalized)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs, statistics: margin == .statistics)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { index, pair, graph in
            let (student, teacher) = try context.maps(pair, in: &graph)
            let signal = try projection.apply(
                student, to: graph.shape(of: teacher)[1], in: &graph)
            let margin = try margins(teacher, tap: pair.teacher, context: context, in: &graph)
            let target = try graph.maximum(teacher, margin)
            let difference = try graph.subtract(signal, target)
            // A difference above zero counts everywhere, one below only where the teacher responds.
            let losses = try graph.select(
                graph.unary(.step, teacher), graph.square(difference),
                graph.square(graph.rectify(difference)))
            let sum = try graph.reduce(.sum, losses, axes: [1, 2, 3], keepDimensions: false)
            return try graph.affine(sum, scale: depthWeight(index, of: pairs.count))
        }
    }

    /// The margin of each channel, `[1, channels, 1, 1]`.
    private func margins(
        _ teacher: Value, tap: String, context: ObjectiveContext, in graph: inout Graph
    ) throws -> Value {
        guard margin == .statistics else {
            let negative = try graph.clip(teacher, maximum: 0)
            let sum = try graph.reduce(.sum, negative, axes: [0, 2, 3], keepDimensions: true)
            let count = try graph.reduce(
                .sum, graph.unary(.step, graph.negate(teacher)), axes: [0, 2, 3],
                keepDimensions: true)
            return try graph.divide(sum, graph.atLeast(count, 1))
        }
        guard
            let (mean, deviation) = try context.channelStatistics(tap, like: teacher, in: &graph)
        else { return try graph.constant(-(2 / Double.pi).squareRoot()) }
        let spread = try graph.atLeast(deviation, 1e-6)
        // Beyond 40 deviations both densities are 0 or 1 to the last digit.
        let ratio = try graph.clip(graph.divide(mean, spread), minimum: -40, maximum: 40)
        let density = try graph.affine(
            graph.exponential(graph.affine(graph.square(ratio), scale: -0.5)),
            scale: 1 / (2 * Double.pi).squareRoot())
        let share = try graph.affine(
            graph.unary(.erf, graph.affine(ratio, scale: 0.5.squareRoot())), scale: -0.5,
            offset: 0.5)
        let normal = try graph.subtract(
            mean, graph.multiply(spread, graph.divide(density, graph.atLeast(share, 1e-3))))
        return try graph.select(
            graph.unary(.step, graph.affine(share, offset: -1e-3)), normal,
            graph.affine(deviation, scale: -3))
    }
}
