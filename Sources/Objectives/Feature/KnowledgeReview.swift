package import Graphs
import Tensors

/// ReviewKD: each of the teacher's levels is met by the student's own and all deeper levels together.
///
/// `sum_l HCL(c(u_l), F_t,l)`: `u_l` fuses the student's level l with `u_l+1` from below, and c is a 3x3
/// convolution with batch normalisation to the teacher's width. The fusion (ABF) brings both to a common
/// width, the deeper one to the size of the other by its nearest values, and adds them under two attention
/// maps, `u_l = z_1 x_l + z_2 up(u_l+1)`, `z = sigmoid(1x1 convolution of both)`. The loss compares at several
/// sizes, `HCL(a, b) = sum_p w_p mean (pool_p a - pool_p b)^2 / sum_p w_p`: the whole map under weight 1, then
/// averages over grids of 4, 2 and 1 cells a side under 1/2, 1/4, 1/8; a grid that is no smaller than the map
/// is left out, and the next one takes its weight.
/// - Shapes: maps `[batch, channels, height, width]` or vectors `[batch, channels]`, from shallow to deep; the
///   larger of a pair is averaged.
/// - Parameters: `fusion`, true: without it each level is compared by itself, through `projector`
///   (`automatic`); `channels` of the fusion, 64. The paper ramps the weight up over the first 20 epochs.
/// - Reference: Chen et al. 2021, 2104.09044.
package struct KnowledgeReview: Objective {
    package static let knowledge = Knowledge.feature
    package static let method = "review"
    package static let summary = "every level met by the student's own and deeper ones (ReviewKD)"
    package static let usualWeight = 5.0
    package static let comparesPositions = true

    package let pairs: [TapPair]
    package let isFused: Bool
    package let channels: Int
    let projection: Projection

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        pairs = try taps.pairs(defaultingTo: ["layer1", "layer2", "layer3", "layer4"])
        isFused = try parameters.flag("fusion", default: true)
        channels = try parameters.integer("channels", default: 64, in: 1...4096)
        projection = try Projection.read(&parameters, default: .automatic)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(pairs)
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let levels = try pairs.map { try context.maps($0, in: &graph) }
        var deeper: Value?
        var total: Value?
        for (index, level) in levels.enumerated().reversed() {
            let width = graph.shape(of: level.teacher)[1]
            let guess = try graph.scoped("\(index)") { graph in
                guard isFused else {
                    return try projection.apply(level.student, to: width, in: &graph)
                }
                let fused = try fuse(level.student, deeper: deeper, in: &graph)
                deeper = fused
                return try graph.normalizedConvolution("output", fused, outputs: width, kernel: 3)
            }
            let loss = try hierarchicalLoss(guess, level.teacher, in: &graph)
            total = try total.map { try graph.add($0, loss) } ?? loss
        }
        guard let total else { throw ObjectiveError(.parameter, "names no taps") }
        return try graph.mean(total, weights: context.sampleWeights)
    }

    /// A level together with what lies below it, `[batch, channels, height, width]`.
    private func fuse(_ x: Value, deeper: Value?, in graph: inout Graph) throws -> Value {
        let own = try graph.normalizedConvolution("input", x, outputs: channels)
        guard let deeper else { return own }
        let shape = graph.shape(of: own)
        let raised =
            graph.shape(of: deeper) == shape
            ? deeper
            : try graph.resize(deeper, height: shape[2], width: shape[3], mode: .nearest)
        let scores = try graph.trainedConvolution(
            "attention", graph.concatenate([own, raised], axis: 1), outputs: 2, bias: true)
        let shares = try graph.unary(.sigmoid, scores)
        return try graph.add(
            graph.multiply(own, graph.slice(shares, axis: 1, start: 0, length: 1)),
            graph.multiply(raised, graph.slice(shares, axis: 1, start: 1, length: 1)))
    }

    /// The loss of each sample over maps of several sizes, `[batch]`.
    private func hierarchicalLoss(
        _ a: Value, _ b: Value, in graph: inout Graph
    ) throws -> Value {
        let shape = graph.shape(of: a)
        var loss = try graph.squaredDifference(a, b)
        var weight = 1.0
        var weights = 1.0
        for side in [4, 2, 1] where side < shape[2] || side < shape[3] {
            let (height, width) = (min(side, shape[2]), min(side, shape[3]))
            let part = try graph.squaredDifference(
                graph.averagePool(a, toHeight: height, width: width),
                graph.averagePool(b, toHeight: height, width: width))
            weight /= 2
            weights += weight
            loss = try graph.add(loss, graph.affine(part, scale: weight))
        }
        return try graph.affine(loss, scale: 1 / weights)
    }
}
