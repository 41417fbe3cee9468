package import Graphs
import Tensors

/// Supervision transfer, the origin of distillation across modalities: the map of the one sensor's network
/// is the target of the other's.
///
/// `mean (t(F_s) - F_t)^2`, t the identity, or a trained 1x1 convolution where the channels differ. Unlike
/// the hint of FitNets nothing normalises or rectifies: the student's own layers take the teacher's place.
/// Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`.
/// - Parameters: `projector`, `automatic`.
/// - Reference: Gupta, Hoffman, Malik 2016, 1507.00448, with the last convolution's map.
package struct SupervisionTransfer: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "supervision-transfer"
    package static let summary = "the squared distance to the teacher's map, as between sensors"
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
            let guess = try projection.apply(
                student, to: graph.shape(of: teacher)[1], in: &graph)
            return try graph.squaredDifference(guess, teacher)
        }
    }
}
