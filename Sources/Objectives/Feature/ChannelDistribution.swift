package import Graphs
import Tensors

/// CWD: where each channel responds, as a distribution over positions; for dense maps.
///
/// `(T^2 / (B C)) sum KL(softmax_positions(F_t / T) || softmax_positions(F_s / T))`. Where the channels differ,
/// a trained 1x1 convolution brings the student's to the teacher's. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]`; the larger is averaged.
/// - Parameters: `temperature` T, 1; `projector`, `automatic`.
/// - Throws: `ObjectiveError.shape` for maps of one position.
/// - Reference: Shu et al. 2021, 2011.13256.
package struct ChannelDistribution: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "channel-distribution"
    package static let summary = "where each channel responds, as a distribution (CWD)"
    package static let usualWeight = 30.0
    package static let comparesPositions = true

    package let pairs: [TapPair]
    package let temperature: Double
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        temperature = try parameters.positive("temperature", default: 1)
        projection = try Projection.read(&parameters, default: .automatic)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, positions: 2, in: &graph)
            let guess = try projection.apply(
                student, to: graph.shape(of: teacher)[1], in: &graph)
            let p = try logarithms(teacher, in: &graph)
            let q = try logarithms(guess, in: &graph)
            let terms = try graph.multiply(graph.exponential(p), graph.subtract(p, q))
            let sums = try graph.reduce(.sum, terms, axes: [2], keepDimensions: false)
            let mean = try graph.reduce(.mean, sums, axes: [1], keepDimensions: false)
            return try graph.affine(mean, scale: temperature * temperature)
        }
    }

    private func logarithms(_ map: Value, in graph: inout Graph) throws -> Value {
        let scaled = try graph.affine(graph.flattenPositions(map), scale: 1 / temperature)
        return try graph.logSoftmax(scaled, axis: 2)
    }
}
