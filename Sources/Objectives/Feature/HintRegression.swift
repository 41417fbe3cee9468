package import Graphs
import Tensors

/// FitNets: the teacher's map regressed from the student's.
///
/// `mean (r(F_s) - F_t)^2`, r a trained 1x1 convolution with batch normalisation and a rectifier. Maps of
/// different size are averaged to the smaller. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`.
/// - Parameters: `projector`, `rectified`.
/// - Reference: Romero et al. 2015, 1412.6550.
package struct HintRegression: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "hint"
    package static let summary = "the teacher's map, regressed from the student's (FitNets)"
    package static let usualWeight = 100.0

    package let pairs: [TapPair]
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        projection = try Projection.read(&parameters, default: .rectified)
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
