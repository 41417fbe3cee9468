package import Graphs
import Tensors

/// ConvNeXt as in torchvision, without stochastic depth.
///
/// - Reference: Liu et al. 2022, 2201.03545.
package struct ConvNeXt: Architecture {
    package let id: String
    package let summary: String
    /// Blocks of each stage.
    package let depths: [Int]
    package let widths: [Int]

    package init(id: String, summary: String, depths: [Int], widths: [Int]) {
        precondition(!widths.isEmpty && depths.count == widths.count, "a depth for each width")
        self.id = id
        self.summary = summary
        self.depths = depths
        self.widths = widths
    }

    package static let tiny = ConvNeXt(
        id: "convnext_tiny",
        summary: "ConvNeXt tiny as in torchvision: large depthwise convolutions, layer norms",
        depths: [3, 3, 9, 3], widths: [96, 192, 384, 768])

    package var featureChannels: Int { widths.last ?? 0 }
    package var inputKernel: String { "features.0.0.weight" }
    package var headWeight: String { "classifier.2.weight" }

    private static let initializer = Initializer.normal(standardDeviation: 0.02)

    package func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps {
        try graph.checkNetworkInput(input, options: options, architecture: id)
        var x = try graph.convolutionLayer(
            "features.0.0", input, outputs: widths[0], kernel: 4, stride: 4, padding: Padding.none,
            hasBias: true, initializer: Self.initializer)
        x = try graph.layerNormalizationLayer("features.0.1", x, axis: 1)
        graph.label(x, "stem")
        for (stage, depth) in depths.enumerated() {
            if stage > 0 {
                let name = "features.\(2 * stage)"
                x = try graph.layerNormalizationLayer("\(name).0", x, axis: 1)
                x = try graph.convolutionLayer(
                    "\(name).1", x, outputs: widths[stage], kernel: 2, stride: 2,
                    padding: Padding.none, hasBias: true, initializer: Self.initializer)
            }
            for index in 0..<depth {
                x = try graph.scoped("features.\(2 * stage + 1).\(index)") {
                    try block(x, in: &$0)
                }
            }
            graph.label(x, "layer\(stage + 1)")
        }
        return try graph.finishNetwork(
            features: x, head: "classifier.2", initializer: Self.initializer, options: options
        ) { graph, pooled in
            try graph.layerNormalizationLayer("classifier.0", pooled)
        }
    }

    /// `x + scale * project(gelu(expand(normalise(filter(x)))))`
    private func block(_ input: Value, in graph: inout Graph) throws -> Value {
        let channels = graph.shape(of: input)[1]
        let scale = try graph.state(
            "layer_scale", [channels, 1, 1], role: .parameter, initializer: .constant(1e-6))
        var x = try graph.convolutionLayer(
            "block.0", input, outputs: channels, kernel: 7, groups: channels, hasBias: true,
            initializer: Self.initializer)
        x = try graph.layerNormalizationLayer("block.2", x, axis: 1)
        x = try graph.pointwiseLinearLayer(
            "block.3", x, outputs: 4 * channels, initializer: Self.initializer)
        x = try graph.unary(.gelu, x)
        x = try graph.pointwiseLinearLayer(
            "block.5", x, outputs: channels, initializer: Self.initializer)
        return try graph.add(input, graph.multiply(x, scale))
    }
}
