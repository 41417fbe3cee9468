package import Graphs
import Tensors

/// FT: the student's translation matches the teacher's paraphrase, by where both are strong.
///
/// `mean |q(T(F_s)) - q(E(F_t))| + r mean (D(E(F_t)) - F_t)^2 / mean F_t^2`, q the L2-normalised flattened map
/// `mean_c f^2`. The paraphraser E and the translator T are 3x3 convolutions with batch normalisation and a
/// leaky rectifier (0.1) to k times the teacher's width. The paper trains E first, as an auto-encoder with
/// the decoder D. Here it is trained beside the student by the second term alone: no gradient of the first
/// reaches E, so that the teacher cannot come to meet the student. The second term is what the decoder
/// misses of the teacher's energy; once it stops falling, the target stands still as in the paper.
/// - Shapes: maps `[batch, channels, height, width]`; the larger is averaged.
/// - Parameters: `rate` k, 0.5; `reconstruction` r, 0.005, which under the usual weight of 200 is 1; with 0
///   the paraphraser stays as it was drawn.
/// - Reference: Kim et al. 2018, 1802.04977.
package struct FactorTransfer: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "factor-transfer"
    package static let summary = "a translation of the student's map against a paraphrase (FT)"
    package static let usualWeight = 200.0
    package static let comparesPositions = true

    package let pairs: [TapPair]
    package let rate: Double
    package let reconstruction: Double

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        rate = try parameters.number("rate", default: 0.5, in: 0.01...4)
        reconstruction = try parameters.number("reconstruction", default: 0.005, in: 0...1e3)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, positions: 2, in: &graph)
            let channels = graph.shape(of: teacher)[1]
            let width = max(1, Int((rate * Double(channels)).rounded()))
            let factor = try encode(student, "translator", width: width, in: &graph)
            let paraphrase = try encode(teacher, "paraphraser", width: width, in: &graph)
            let difference = try graph.subtract(
                graph.attention(factor), graph.attention(graph.stopGradient(paraphrase)))
            let loss = try graph.reduce(
                .mean, graph.absolute(difference), axes: [1], keepDimensions: false)
            guard reconstruction > 0 else { return loss }
            let decoded = try graph.trainedConvolution(
                "decoder", paraphrase, outputs: channels, kernel: 3, bias: true)
            let energy = try graph.reduce(
                .mean, graph.square(teacher), axes: [1, 2, 3], keepDimensions: false)
            let missed = try graph.divide(
                graph.squaredDifference(decoded, teacher), graph.atLeast(energy, 1e-6))
            return try graph.add(loss, graph.affine(missed, scale: reconstruction))
        }
    }

    private func encode(
        _ x: Value, _ name: String, width: Int, in graph: inout Graph
    ) throws -> Value {
        let y = try graph.normalizedConvolution(name, x, outputs: width, kernel: 3)
        return try graph.maximum(y, graph.affine(y, scale: 0.1))
    }
}
