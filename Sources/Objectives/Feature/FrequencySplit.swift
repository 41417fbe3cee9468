import Foundation
package import Graphs
import Tensors

/// What sensors share lies in the low frequencies: those are met exactly, the high ones loosely.
///
/// `mean (L d)^2 + h mean log(1 + (d - L d)^2)`, `d = P F_s - n(F_t)`: P is a trained 1x1 convolution, n
/// standardises each channel over the data set, and L keeps of a map's discrete Fourier transform the
/// frequencies up to `cutoff` of the highest along either side. The logarithm forgives large differences,
/// such as edges that only one of the sensors sees. Both parts are linear in the map, so their difference is
/// the difference's part. Several pairs of taps add up.
/// - Shapes: maps `[batch, channels, height, width]` or vectors, which have the lowest frequency alone; the
///   larger map is averaged.
/// - Parameters: `cutoff`, 0.5; `high` h, 0.1; `projector`, `linear`.
/// - Reference: Liu et al. 2026 (AAAI), 2511.19887, whose scale term and shared classifier are left out.
package struct FrequencySplit: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "frequency-split"
    package static let summary = "low frequencies met exactly, high ones loosely"
    package static let usualWeight = 10.0

    package let pairs: [TapPair]
    package let cutoff: Double
    package let high: Double
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["features"])
        cutoff = try parameters.number("cutoff", default: 0.5, in: 0...1)
        high = try parameters.number("high", default: 0.1, in: 0...1e6)
        projection = try Projection.read(&parameters, default: .linear)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs, statistics: true)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        try context.sum(over: pairs, in: &graph) { _, pair, graph in
            let (student, teacher) = try context.maps(pair, in: &graph)
            let shape = graph.shape(of: teacher)
            let target = try context.standardize(teacher, tap: pair.teacher, in: &graph)
            let guess = try projection.apply(student, to: shape[1], in: &graph)
            let difference = try graph.subtract(guess, target)
            let smooth = try graph.mapSides(
                difference, rows: lowPass(shape[2]), columns: lowPass(shape[3]))
            let low = try graph.reduce(
                .mean, graph.square(smooth), axes: [1, 2, 3], keepDimensions: false)
            let rest = try graph.square(graph.subtract(difference, smooth))
            let loose = try graph.reduce(
                .mean, graph.logarithm(graph.affine(rest, offset: 1)), axes: [1, 2, 3],
                keepDimensions: false)
            return try graph.add(low, graph.affine(loose, scale: high))
        }
    }

    /// The projection on the frequencies up to `cutoff` of the highest, `[extent, extent]`, symmetric.
    private func lowPass(_ extent: Int) -> Tensor<Double> {
        let highest = extent / 2
        let kept = Int(cutoff * Double(highest) + 1e-9)
        var matrix = Tensor<Double>(shape: [extent, extent], repeating: 0)
        for row in 0..<extent {
            for column in 0..<extent {
                var sum = 1.0
                for frequency in 1..<(kept + 1) {
                    // The highest frequency of an even extent is its own mirror.
                    let share = 2 * frequency == extent ? 1.0 : 2.0
                    let turns = Double(frequency * (row - column)) / Double(extent)
                    sum += share * cos(2 * Double.pi * turns)
                }
                matrix[row, column] = sum / Double(extent)
            }
        }
        return matrix
    }
}
