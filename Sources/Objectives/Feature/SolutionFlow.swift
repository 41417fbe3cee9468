package import Graphs
import Tensors

/// FSP: how one layer's channels go with the next one's, the flow of the solution.
///
/// `sum_l mean (G_s,l - G_t,l)^2`, `G_l = F_l F_l+1^T / positions` for consecutive taps, `[channels of l,
/// channels of l + 1]`. Positions are summed over on either side, so the modalities need not be registered.
/// - Shapes: two or more maps `[batch, channels, height, width]` a side, from shallow to deep; of two
///   consecutive ones the larger is averaged. Where a student's channels differ from its teacher's, a
///   trained 1x1 convolution brings them to the teacher's width.
/// - Parameters: `projector`, `automatic`.
/// - Throws: `ObjectiveError.parameter` for less than two taps.
/// - Reference: Yim et al. 2017 (CVPR).
package struct SolutionFlow: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "solution-flow"
    package static let summary = "how the channels of consecutive layers go together (FSP)"
    package static let usualWeight = 50.0

    package let pairs: [TapPair]
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["layer1", "layer2", "layer3", "layer4"])
        projection = try Projection.read(&parameters, default: .automatic)
        guard pairs.count > 1 else {
            throw ObjectiveError(
                .parameter,
                "a flow goes from one layer to the next, but only `\(pairs[0].student)` is named; name "
                    + "two or more taps, such as \"layer1, layer2\"")
        }
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs, keepsSize: true)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        var layers: [(student: Value, teacher: Value)] = []
        for (index, pair) in pairs.enumerated() {
            let teacher = try map(context.teacher(pair.teacher, in: &graph), pair.teacher, graph)
            let found = try map(context.student(pair.student, in: graph), pair.student, graph)
            let student = try graph.scoped("\(index)") {
                try projection.apply(found, to: $0.shape(of: teacher)[1], in: &$0)
            }
            layers.append((student, teacher))
        }
        var total: Value?
        for (first, second) in zip(layers, layers.dropFirst()) {
            let loss = try graph.squaredDifference(
                flow(first.student, second.student, in: &graph),
                flow(first.teacher, second.teacher, in: &graph))
            total = try total.map { try graph.add($0, loss) } ?? loss
        }
        guard let total else { throw ObjectiveError(.parameter, "names no flow") }
        return try graph.mean(total, weights: context.sampleWeights)
    }

    private func map(_ x: Value, _ tap: String, _ graph: Graph) throws -> Value {
        let shape = graph.shape(of: x)
        guard shape.rank == 4 else {
            throw ObjectiveError(
                .shape, "`\(tap)` has shape \(shape), expected [batch, channels, height, width]")
        }
        return x
    }

    /// `[batch, channels of a, channels of b]`
    private func flow(_ a: Value, _ b: Value, in graph: inout Graph) throws -> Value {
        let shapes = (graph.shape(of: a), graph.shape(of: b))
        let height = min(shapes.0[2], shapes.1[2])
        let width = min(shapes.0[3], shapes.1[3])
        let left = try graph.averagePool(a, toHeight: height, width: width)
        let right = try graph.averagePool(b, toHeight: height, width: width)
        let products = try graph.multiplyMatrices(
            graph.flattenPositions(left), graph.flattenPositions(right), transposeRight: true)
        return try graph.affine(products, scale: 1 / Double(height * width))
    }
}
