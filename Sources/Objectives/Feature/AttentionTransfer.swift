package import Graphs
import Tensors

/// Where in the image the features are strong.
///
/// `mean (q_s - q_t)^2`, q the L2-normalised flattened map `mean_c F^2`; the larger map is pooled first.
/// Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]`; channels may differ.
/// - Throws: `ObjectiveError.shape` for maps of one position.
/// - Reference: Zagoruyko and Komodakis 2016, 1612.03928.
package struct AttentionTransfer: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "attention-transfer"
    package static let summary = "maps of where the features are strong"
    package static let usualWeight = 1000.0
    package static let comparesPositions = true

    package let pairs: [TapPair]

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, positions: 2, in: &graph)
            return try graph.squaredDifference(
                graph.attention(student), graph.attention(teacher))
        }
    }
}
