package import Graphs
import Tensors

/// AB: each neuron is on or off where the teacher's is, with a margin; how strongly does not count.
///
/// `sum_l 2^(l-n+1) (1/B) sum [(s + m)^2 (s > -m, t <= 0) + (s - m)^2 (s <= m, t > 0)]`, s the student's map
/// through a trained 1x1 convolution with batch normalisation, l from 0 to n - 1 from the first pair of
/// taps to the last. A rectified tap of the teacher says the same as the one before the rectifier.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`; the larger map is
///   averaged.
/// - Parameters: `margin` m, 1; `projector`, `normalized`.
/// - Reference: Heo et al. 2019, 1811.03233; meant for the first epochs, with the weight 0.003.
package struct ActivationBoundary: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "activation-boundary"
    package static let summary = "which neurons are on, with a margin (AB)"
    package static let usualWeight = 0.03

    package let pairs: [TapPair]
    package let margin: Double
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        margin = try parameters.positive("margin", default: 1)
        projection = try Projection.read(&parameters, default: .normalized)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { index, pair, graph in
            let (student, teacher) = try context.maps(pair, in: &graph)
            let signal = try projection.apply(
                student, to: graph.shape(of: teacher)[1], in: &graph)
            let above = try graph.rectify(graph.affine(signal, offset: margin))
            let below = try graph.rectify(graph.affine(signal, scale: -1, offset: margin))
            let losses = try graph.select(
                graph.unary(.step, teacher), graph.square(below), graph.square(above))
            let sum = try graph.reduce(.sum, losses, axes: [1, 2, 3], keepDimensions: false)
            return try graph.affine(sum, scale: depthWeight(index, of: pairs.count))
        }
    }
}

/// The weight of level l of n, `2^(l-n+1)`: the deepest counts most.
func depthWeight(_ level: Int, of count: Int) -> Double {
    1 / Double(1 << (count - 1 - level))
}
