package import Graphs
import Tensors

/// MobileNet V2 of width 1 as in torchvision, without the head's dropout.
///
/// - Reference: Sandler et al. 2018, 1801.04381.
package struct MobileNetV2: Architecture {
    package let id = "mobilenet_v2"
    package let summary =
        "MobileNet V2 as in torchvision: inverted residuals, depthwise convolutions"
    package let featureChannels = 1280
    package let inputKernel = "features.0.0.weight"
    package let headWeight = "classifier.1.weight"

    package init() {}

    /// Stages of inverted residuals; `tap` labels the last one before the size halves again.
    private static let stages:
        [(expansion: Int, outputs: Int, depth: Int, stride: Int, tap: String?)] = [
            (1, 16, 1, 1, nil),
            (6, 24, 2, 2, "layer1"),
            (6, 32, 3, 2, "layer2"),
            (6, 64, 4, 2, nil),
            (6, 96, 3, 1, "layer3"),
            (6, 160, 3, 2, nil),
            (6, 320, 1, 1, "layer4"),
        ]

    package func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps {
        try graph.checkNetworkInput(input, options: options, architecture: id)
        var x = try convolution(
            ("features.0.0", "features.0.1"), input, outputs: 32, kernel: 3, stride: 2,
            options: options, in: &graph)
        graph.label(x, "stem")
        var index = 1
        for stage in MobileNetV2.stages {
            for block in 0..<stage.depth {
                x = try graph.scoped("features.\(index).conv") {
                    try invertedResidual(
                        x, expansion: stage.expansion, outputs: stage.outputs,
                        stride: block == 0 ? stage.stride : 1, options: options, in: &$0)
                }
                index += 1
            }
            if let tap = stage.tap { graph.label(x, tap) }
        }
        x = try convolution(
            ("features.\(index).0", "features.\(index).1"), x, outputs: featureChannels, kernel: 1,
            options: options, in: &graph)
        return try graph.finishNetwork(
            features: x, head: "classifier.1", initializer: .normal(standardDeviation: 0.01),
            options: options)
    }

    /// Expand 1x1, filter each channel 3x3, project 1x1 without activation; a shortcut where shapes agree.
    private func invertedResidual(
        _ input: Value, expansion: Int, outputs: Int, stride: Int, options: BuildOptions,
        in graph: inout Graph
    ) throws -> Value {
        let channels = graph.shape(of: input)[1]
        let hidden = channels * expansion
        var x = input
        var position = 0
        if expansion != 1 {
            x = try convolution(
                ("0.0", "0.1"), x, outputs: hidden, kernel: 1, options: options, in: &graph)
            position = 1
        }
        x = try convolution(
            ("\(position).0", "\(position).1"), x, outputs: hidden, kernel: 3, stride: stride,
            groups: hidden, options: options, in: &graph)
        x = try graph.convolutionLayer("\(position + 1)", x, outputs: outputs, kernel: 1)
        x = try graph.normalizationLayer("\(position + 2)", x, options: options)
        return stride == 1 && channels == outputs ? try graph.add(input, x) : x
    }

    /// Convolution, normalisation, ReLU6.
    private func convolution(
        _ names: (convolution: String, normalization: String), _ input: Value, outputs: Int,
        kernel: Int, stride: Int = 1, groups: Int = 1, options: BuildOptions, in graph: inout Graph
    ) throws -> Value {
        var x = try graph.convolutionLayer(
            names.convolution, input, outputs: outputs, kernel: kernel, stride: stride,
            groups: groups)
        x = try graph.normalizationLayer(names.normalization, x, options: options)
        return try graph.clip(x, minimum: 0, maximum: 6)
    }
}
