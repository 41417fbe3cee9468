package import Graphs
import Tensors

/// PKD: each channel goes up and down with the teacher's, whatever its size and offset.
///
/// `1/2 mean (n(F_s) - n(F_t))^2`, `n(x) = (x - mean) / (std + 1e-6)` of each channel over the batch and all
/// positions, std with N - 1 in the denominator: 1 - r of Pearson's correlation, but for the factor
/// (N - 1) / N. Where the channels differ, a trained 1x1 convolution comes first. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`; the larger map is
///   averaged.
/// - Parameters: `projector`, `automatic`.
/// - Throws: `ObjectiveError.shape` for one value a channel.
/// - Reference: Cao et al. 2022, 2207.02039.
package struct PearsonCorrelation: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "pearson"
    package static let summary = "correlation of each channel over batch and positions (PKD)"
    package static let usualWeight = 10.0

    package let pairs: [TapPair]
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        projection = try Projection.read(&parameters, default: .automatic)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, in: &graph)
            let shape = graph.shape(of: teacher)
            guard shape.count > shape[1] else {
                throw ObjectiveError(
                    .shape,
                    "one value a channel correlates with nothing, the map is \(shape); use at least "
                        + "two samples a batch")
            }
            let guess = try projection.apply(student, to: shape[1], in: &graph)
            let half = try graph.squaredDifference(
                normalize(guess, in: &graph), normalize(teacher, in: &graph))
            return try graph.affine(half, scale: 0.5)
        }
    }

    private func normalize(_ x: Value, in graph: inout Graph) throws -> Value {
        let mean = try graph.reduce(.mean, x, axes: [0, 2, 3], keepDimensions: true)
        let centred = try graph.subtract(x, mean)
        let squares = try graph.reduce(
            .sum, graph.square(centred), axes: [0, 2, 3], keepDimensions: true)
        // The count depends on the batch, which may be bound anew: it is counted in the graph.
        let one = try graph.slice(graph.stopGradient(x), axis: 1, start: 0, length: 1)
        let count = try graph.reduce(
            .sum, graph.affine(one, scale: 0, offset: 1), axes: [0, 2, 3], keepDimensions: true)
        // Equal values have no deviation; the floor keeps the root's gradient finite there.
        let variance = try graph.atLeast(
            graph.divide(squares, graph.atLeast(graph.affine(count, offset: -1), 1)), 1e-14)
        let deviation = try graph.affine(graph.squareRoot(variance), offset: 1e-6)
        return try graph.divide(centred, deviation)
    }
}
