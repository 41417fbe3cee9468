package import Graphs
import Tensors

/// SimKD: the student learns the map before the teacher's classifier and then uses that classifier.
///
/// `mean (P(F_s) - F_t)^2`; the finished student answers `classifier_t(mean over positions of P(F_s))`.
/// Unlike other projectors P belongs to the exported student: `project(_:to:training:in:)` builds it with
/// running statistics instead of the batch's. Maps of different size are averaged to the smaller; where the
/// modalities are not registered, only the means over all positions are compared.
/// - Shapes: maps `[batch, channels, height, width]`; the student's width is arbitrary.
/// - Parameters: `projector`: `bottleneck` (1x1 to 1/`factor` of the teacher's width, 3x3, 1x1, each with
///   batch normalisation and a rectifier), `linear` (1x1 with bias) or `identity`; `factor` 2;
///   `depthwise`, false: whether the 3x3 convolution filters each channel alone.
/// - Reference: Chen et al. 2022, 2203.14001.
package struct ClassifierReuse: Objective {
    package static let knowledge = Knowledge.response
    package static let method = "classifier-reuse"
    package static let summary =
        "the map before the teacher's classifier, which becomes the student's (SimKD)"

    package enum Projector: String, Sendable, CaseIterable {
        case bottleneck, linear, identity
    }

    package let taps: (student: String, teacher: String)
    package let projector: Projector
    package let factor: Int
    package let isDepthwise: Bool

    package init(taps: ObjectiveTaps, parameters: inout ObjectiveParameters) throws {
        self.taps = taps.defaulting(to: "features")
        let text = try parameters.text(
            "projector", default: Projector.bottleneck.rawValue,
            among: Projector.allCases.map(\.rawValue))
        projector = Projector(rawValue: text) ?? .bottleneck
        factor = try parameters.integer("factor", default: 2, in: 1...64)
        isDepthwise = try parameters.flag("depthwise", default: false)
    }

    package func requirements(registered: Bool) -> ObjectiveRequirements {
        ObjectiveRequirements(
            student: [taps.student], teacher: [teacherTap(registered: registered)],
            reusesClassifier: true)
    }

    /// Not registered, the mean is all that is compared, and it is smaller to keep.
    private func teacherTap(registered: Bool) -> String {
        taps.teacher == "features" && !registered ? "pooled" : taps.teacher
    }

    package func add(to graph: inout Graph, context: ObjectiveContext) throws -> Value {
        let pair = TapPair(
            student: taps.student, teacher: teacherTap(registered: context.registered))
        let (student, teacher) = try context.maps(pair, in: &graph)
        let projected = try project(
            student, to: graph.shape(of: teacher)[1], training: true, in: &graph)
        graph.label(projected, "projected")
        return try graph.mean(
            graph.squaredDifference(projected, teacher), weights: context.sampleWeights)
    }

    /// Builds the projector; its states lie in the scope `projector`.
    ///
    /// - Parameter training: whether to normalise with the batch's statistics and to keep running ones, or
    ///   with the running ones.
    /// - Shapes: `[batch, channels, height, width]` to `[batch, width, height, width]`.
    package func project(
        _ x: Value, to width: Int, training: Bool, in graph: inout Graph
    ) throws -> Value {
        switch projector {
        case .identity:
            return try Projection.identity.apply(x, to: width, in: &graph)
        case .linear:
            return try Projection.linear.apply(x, to: width, in: &graph)
        case .bottleneck:
            let inner = max(1, width / factor)
            let layers = [
                (outputs: inner, kernel: 1, groups: 1),
                (outputs: inner, kernel: 3, groups: isDepthwise ? inner : 1),
                (outputs: width, kernel: 1, groups: 1),
            ]
            return try graph.scoped("projector") { graph in
                var y = x
                for (index, layer) in layers.enumerated() {
                    y = try graph.trainedConvolution(
                        "\(index)", y, outputs: layer.outputs, kernel: layer.kernel,
                        groups: layer.groups)
                    y = try graph.scoped("\(index).normalization") {
                        try normalize(y, training: training, in: &$0)
                    }
                    y = try graph.rectify(y)
                }
                return y
            }
        }
    }

    /// Batch normalisation whose running statistics the exported student will need.
    private func normalize(
        _ x: Value, training: Bool, in graph: inout Graph
    ) throws -> Value {
        let shape: Shape = [graph.shape(of: x)[1]]
        let mean = try graph.state(
            "running_mean", shape, role: .statistic, initializer: .constant(0))
        let variance = try graph.state(
            "running_var", shape, role: .statistic, initializer: .constant(1))
        guard training else {
            let scale = try graph.state(
                "weight", shape, role: .parameter, initializer: .constant(1))
            let offset = try graph.state(
                "bias", shape, role: .parameter, initializer: .constant(0))
            return try graph.normalize(
                x, scale: scale, offset: offset, mean: mean, variance: variance)
        }
        let (scale, offset) = try graph.normalizationParameters(of: x)
        let batch = try graph.normalizeBatch(x, scale: scale, offset: offset)
        for (running, new) in [(mean, batch.mean), (variance, batch.unbiasedVariance)] {
            try graph.replace(
                state: graph.node(of: running).name,
                with: graph.movingAverage(running, new, decay: 0.9))
        }
        return batch.y
    }
}
