package import Graphs
import Tensors

/// MobileNet V3 small of width 1 as in torchvision, without the head's dropout.
///
/// - Reference: Howard et al. 2019, 1905.02244.
package struct MobileNetV3Small: Architecture {
    package let id = "mobilenet_v3_small"
    package let summary =
        "MobileNet V3 small as in torchvision: inverted residuals that weigh their channels"
    package let featureChannels = 576
    package let inputKernel = "features.0.0.weight"
    package let headWeight = "classifier.3.weight"

    package init() {}

    private struct Block {
        let kernel: Int
        let hidden: Int
        let outputs: Int
        /// Whether channels are weighed by what the whole map holds.
        let weighs: Bool
        let activation: Activation
        let stride: Int
        /// The label of its output, given to the last block before the size halves again.
        var tap: String?
    }

    private enum Activation {
        case rectifier, hardSwish, none

        func apply(_ x: Value, in graph: inout Graph) throws -> Value {
            switch self {
            case .rectifier: try graph.rectify(x)
            case .hardSwish: try graph.unary(.hardSwish, x)
            case .none: x
            }
        }
    }

    private static let blocks: [Block] = {
        func block(
            _ kernel: Int, _ hidden: Int, _ outputs: Int, _ weighs: Bool, _ activation: Activation,
            _ stride: Int, _ tap: String? = nil
        ) -> Block {
            Block(
                kernel: kernel, hidden: hidden, outputs: outputs, weighs: weighs,
                activation: activation, stride: stride, tap: tap)
        }
        return [
            block(3, 16, 16, true, .rectifier, 2, "layer1"),
            block(3, 72, 24, false, .rectifier, 2),
            block(3, 88, 24, false, .rectifier, 1, "layer2"),
            block(5, 96, 40, true, .hardSwish, 2),
            block(5, 240, 40, true, .hardSwish, 1),
            block(5, 240, 40, true, .hardSwish, 1),
            block(5, 120, 48, true, .hardSwish, 1),
            block(5, 144, 48, true, .hardSwish, 1, "layer3"),
            block(5, 288, 96, true, .hardSwish, 2),
            block(5, 576, 96, true, .hardSwish, 1),
            block(5, 576, 96, true, .hardSwish, 1, "layer4"),
        ]
    }()

    package func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps {
        try graph.checkNetworkInput(input, options: options, architecture: id)
        // As torchvision trains it.
        var options = options
        options.normalizationEpsilon = 1e-3
        options.statisticsMomentum = 0.01
        var x = try convolution(
            "features.0", input, outputs: 16, kernel: 3, stride: 2, activation: .hardSwish,
            options: options, in: &graph)
        graph.label(x, "stem")
        for (index, block) in Self.blocks.enumerated() {
            x = try graph.scoped("features.\(index + 1).block") {
                try invertedResidual(x, block, options: options, in: &$0)
            }
            if let tap = block.tap { graph.label(x, tap) }
        }
        x = try convolution(
            "features.\(Self.blocks.count + 1)", x, outputs: featureChannels, kernel: 1,
            activation: .hardSwish, options: options, in: &graph)
        return try graph.finishNetwork(
            features: x, head: "classifier.3", initializer: .normal(standardDeviation: 0.01),
            options: options
        ) { graph, pooled in
            let hidden = try graph.linearLayer(
                "classifier.0", pooled, outputs: 1024,
                initializer: .normal(standardDeviation: 0.01))
            return try graph.unary(.hardSwish, hidden)
        }
    }

    /// Expand 1x1, filter each channel, weigh the channels, project 1x1; a shortcut where shapes agree.
    private func invertedResidual(
        _ input: Value, _ block: Block, options: BuildOptions, in graph: inout Graph
    ) throws -> Value {
        let channels = graph.shape(of: input)[1]
        var x = input
        var position = 0
        if block.hidden != channels {
            x = try convolution(
                "0", x, outputs: block.hidden, kernel: 1, activation: block.activation,
                options: options, in: &graph)
            position = 1
        }
        x = try convolution(
            "\(position)", x, outputs: block.hidden, kernel: block.kernel, stride: block.stride,
            groups: block.hidden, activation: block.activation, options: options, in: &graph)
        if block.weighs {
            position += 1
            x = try graph.scoped("\(position)") { try weighed(x, in: &$0) }
        }
        x = try convolution(
            "\(position + 1)", x, outputs: block.outputs, kernel: 1, activation: .none,
            options: options, in: &graph)
        return block.stride == 1 && channels == block.outputs ? try graph.add(input, x) : x
    }

    /// Squeeze and excitation: each channel times a factor in [0, 1] that all channels decide.
    ///
    /// - Reference: Hu et al. 2017, 1709.01507.
    private func weighed(_ x: Value, in graph: inout Graph) throws -> Value {
        let channels = graph.shape(of: x)[1]
        let pooled = try graph.reduce(.mean, x, axes: [2, 3], keepDimensions: true)
        let squeezed = try graph.rectify(
            graph.convolutionLayer(
                "fc1", pooled, outputs: Self.divisible(channels / 4), kernel: 1, hasBias: true))
        let factors = try graph.unary(
            .hardSigmoid,
            graph.convolutionLayer("fc2", squeezed, outputs: channels, kernel: 1, hasBias: true))
        return try graph.multiply(x, factors)
    }

    /// The multiple of eight next to a number of channels, never less than nine tenths of it.
    private static func divisible(_ channels: Int) -> Int {
        let nearest = max(8, (channels + 4) / 8 * 8)
        return nearest * 10 < channels * 9 ? nearest + 8 : nearest
    }

    private func convolution(
        _ name: String, _ input: Value, outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
        activation: Activation, options: BuildOptions, in graph: inout Graph
    ) throws -> Value {
        let x = try graph.convolutionLayer(
            "\(name).0", input, outputs: outputs, kernel: kernel, stride: stride, groups: groups)
        return try activation.apply(
            graph.normalizationLayer("\(name).1", x, options: options), in: &graph)
    }
}
