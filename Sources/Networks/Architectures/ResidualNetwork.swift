package import Graphs
import Tensors

/// Residual networks: ResNet-18 to 50 as in torchvision, and small ones of the same make.
///
/// - Reference: He et al. 2015, 1512.03385; the stride of a bottleneck lies on its 3x3 convolution, as in
///   torchvision.
package struct ResidualNetwork: Architecture {
    package enum Stem: Sendable, Hashable {
        /// 7x7 convolution of stride 2 and a 3x3 maximum pool of stride 2: a quarter of the size.
        case imageNet
        /// 3x3 convolution of stride 2: half the size.
        case compact
    }

    package enum Block: Sendable, Hashable {
        /// Two 3x3 convolutions.
        case basic
        /// 1x1, 3x3, 1x1 with four times the width at the end.
        case bottleneck

        var expansion: Int { self == .basic ? 1 : 4 }
    }

    package let id: String
    package let summary: String
    package let stem: Stem
    package let block: Block
    /// Blocks of each stage.
    package let depths: [Int]
    /// Width of each stage; the stem has the first one's.
    package let widths: [Int]

    package init(
        id: String, summary: String, stem: Stem, block: Block, depths: [Int], widths: [Int]
    ) {
        precondition(!widths.isEmpty && depths.count == widths.count, "a depth for each width")
        self.id = id
        self.summary = summary
        self.stem = stem
        self.block = block
        self.depths = depths
        self.widths = widths
    }

    package var featureChannels: Int { (widths.last ?? 0) * block.expansion }
    package var inputKernel: String { "conv1.weight" }
    package var headWeight: String { "fc.weight" }

    package func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps {
        try graph.checkNetworkInput(input, options: options, architecture: id)
        var x = try buildStem(input, options: options, in: &graph)
        graph.label(x, "stem")
        for (stage, depth) in depths.enumerated() {
            for index in 0..<depth {
                let stride = stage > 0 && index == 0 ? 2 : 1
                x = try graph.scoped("layer\(stage + 1).\(index)") {
                    try buildBlock(
                        x, width: widths[stage], stride: stride, options: options, in: &$0)
                }
            }
            graph.label(x, "layer\(stage + 1)")
        }
        return try graph.finishNetwork(
            features: x, head: "fc", initializer: .uniformFanIn, options: options)
    }

    private func buildStem(
        _ input: Value, options: BuildOptions, in graph: inout Graph
    ) throws -> Value {
        let kernel = stem == .imageNet ? 7 : 3
        var x = try graph.convolutionLayer(
            "conv1", input, outputs: widths[0], kernel: kernel, stride: 2)
        x = try graph.rectify(graph.normalizationLayer("bn1", x, options: options))
        guard stem == .imageNet else { return x }
        return try graph.maximumPool(x, window: [3, 3], strides: [2, 2], padding: Padding(1))
    }

    private func buildBlock(
        _ input: Value, width: Int, stride: Int, options: BuildOptions, in graph: inout Graph
    ) throws -> Value {
        let outputs = width * block.expansion
        // Kernel, stride and outputs of each convolution.
        let layers: [(kernel: Int, stride: Int, outputs: Int)] =
            switch block {
            case .basic: [(3, stride, width), (3, 1, width)]
            case .bottleneck: [(1, 1, width), (3, stride, width), (1, 1, outputs)]
            }
        var x = input
        for (index, layer) in layers.enumerated() {
            x = try graph.convolutionLayer(
                "conv\(index + 1)", x, outputs: layer.outputs, kernel: layer.kernel,
                stride: layer.stride)
            x = try graph.normalizationLayer("bn\(index + 1)", x, options: options)
            if index + 1 < layers.count { x = try graph.rectify(x) }
        }
        var shortcut = input
        if stride != 1 || graph.shape(of: input)[1] != outputs {
            shortcut = try graph.convolutionLayer(
                "downsample.0", input, outputs: outputs, kernel: 1, stride: stride)
            shortcut = try graph.normalizationLayer("downsample.1", shortcut, options: options)
        }
        return try graph.rectify(graph.add(x, shortcut))
    }
}

extension ResidualNetwork {
    /// .31 million parameters with ten classes, 32 MFLOP (16 million multiply-adds) at 64 pixels.
    package static let small = ResidualNetwork(
        id: "residual-small", summary: "four residual stages of 16 to 128 channels, for 64 pixels",
        stem: .compact, block: .basic, depths: [1, 1, 1, 1], widths: [16, 32, 64, 128])

    /// 1.2 million parameters with ten classes.
    package static let medium = ResidualNetwork(
        id: "residual-medium",
        summary: "four residual stages of 32 to 256 channels, for 64 to 96 pixels",
        stem: .compact, block: .basic, depths: [1, 1, 1, 1], widths: [32, 64, 128, 256])

    package static let resnet18 = ResidualNetwork(
        id: "resnet18", summary: "ResNet-18 as in torchvision", stem: .imageNet, block: .basic,
        depths: [2, 2, 2, 2], widths: [64, 128, 256, 512])

    package static let resnet34 = ResidualNetwork(
        id: "resnet34", summary: "ResNet-34 as in torchvision", stem: .imageNet, block: .basic,
        depths: [3, 4, 6, 3], widths: [64, 128, 256, 512])

    package static let resnet50 = ResidualNetwork(
        id: "resnet50", summary: "ResNet-50 as in torchvision", stem: .imageNet, block: .bottleneck,
        depths: [3, 4, 6, 3], widths: [64, 128, 256, 512])
}
