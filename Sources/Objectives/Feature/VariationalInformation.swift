import Foundation
package import Graphs
import Tensors

/// VID: a bound on the mutual information, by a Gaussian about what the student predicts of the teacher.
///
/// `mean 1/2 [(mu(F_s) - F_t)^2 / v + ln v]`, `v_c = softplus(rho_c) + 1e-5`, rho trained for each channel: what
/// cannot be predicted is let go. The loss may fall below zero. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`; the larger map is
///   averaged.
/// - Parameters: `projector` mu, `perceptron`; `variance` at the beginning, 5.
/// - Reference: Ahn et al. 2019, 1904.05835.
package struct VariationalInformation: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "variational-information"
    package static let summary = "a Gaussian bound on the information about the teacher's map (VID)"
    package static let usualWeight = 100.0

    package let pairs: [TapPair]
    package let variance: Double
    let projection: Projection

    private static let floor = 1e-5

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        projection = try Projection.read(&parameters, default: .perceptron)
        variance = try parameters.number("variance", default: 5, in: 1e-3...100)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, in: &graph)
            let channels = graph.shape(of: teacher)[1]
            let guess = try projection.apply(student, to: channels, in: &graph)
            let raw = try graph.state(
                "variance", [channels], role: .parameter,
                initializer: .constant(Float(log(expm1(variance - Self.floor)))))
            let spread = try graph.affine(
                graph.unary(
                    .softplus, graph.reshape(raw, [.size(1), .copy(0), .size(1), .size(1)])),
                offset: Self.floor)
            let squares = try graph.square(graph.subtract(guess, teacher))
            let terms = try graph.add(graph.divide(squares, spread), graph.logarithm(spread))
            let mean = try graph.reduce(.mean, terms, axes: [1, 2, 3], keepDimensions: false)
            return try graph.affine(mean, scale: 0.5)
        }
    }
}
