package import Graphs
import Tensors

/// The map from a student's channels to those that a teacher's classifier reads: part of the exported student.
package struct ReuseProjector: Sendable, Codable, Hashable {
    package enum Form: String, Sendable, Codable, CaseIterable {
        /// 1x1 to 1/`factor` of the width, 3x3, 1x1, each with batch normalisation and a rectifier.
        case bottleneck
        /// A 1x1 convolution with bias.
        case linear
        /// Nothing; the channels must agree.
        case identity
    }

    package let form: Form
    package let factor: Int
    /// Whether the 3x3 convolution filters each channel alone.
    package let isDepthwise: Bool

    /// Reads `projector`, `factor` and `depthwise`.
    ///
    /// - Throws: `ObjectiveError.parameter`.
    init(_ parameters: inout ObjectiveParameters) throws {
        let text = try parameters.text(
            "projector", default: Form.bottleneck.rawValue, among: Form.allCases.map(\.rawValue))
        form = Form(rawValue: text) ?? .bottleneck
        factor = try parameters.integer("factor", default: 2, in: 1...64)
        isDepthwise = try parameters.flag("depthwise", default: false)
    }

    /// Builds it; its states lie in the scope `projector`.
    ///
    /// - Parameter training: whether to normalise with the batch's statistics and to keep running ones, or
    ///   with the running ones.
    /// - Shapes: `[batch, channels, height, width]` to `[batch, width, height, width]`.
    package func apply(
        to x: Value, width: Int, training: Bool, in graph: inout Graph
    ) throws -> Value {
        switch form {
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
