package import Graphs
import Tensors

/// A vision transformer with a class token as in timm, without dropout.
///
/// The table of positions has the size that the input asks for, so weights of another input size fit but for
/// this table.
/// - Reference: Dosovitskiy et al. 2020, 2010.11929; Touvron et al. 2020, 2012.12877 (the tiny size).
package struct VisionTransformer: Architecture {
    package let id: String
    package let summary: String
    /// Side of a patch in pixels.
    package let patch: Int
    package let width: Int
    package let depth: Int
    package let heads: Int

    package init(id: String, summary: String, patch: Int, width: Int, depth: Int, heads: Int) {
        precondition(heads > 0 && width % heads == 0, "\(heads) heads share \(width) features")
        self.id = id
        self.summary = summary
        self.patch = patch
        self.width = width
        self.depth = depth
        self.heads = heads
    }

    package static let tiny = VisionTransformer(
        id: "vit_tiny", summary: "ViT tiny as in timm: patches of 16 pixels, 12 blocks of 3 heads",
        patch: 16, width: 192, depth: 12, heads: 3)

    package var featureChannels: Int { width }
    package var inputKernel: String { "patch_embed.proj.weight" }
    package var headWeight: String { "head.weight" }
    package var preprocessing: Preprocessing { KnownPreprocessing.inception }

    private static let initializer = Initializer.normal(standardDeviation: 0.02)

    package func build(
        into graph: inout Graph, input: Value, options: BuildOptions
    ) throws -> NetworkTaps {
        try graph.checkNetworkInput(input, options: options, architecture: id)
        let image = graph.shape(of: input)
        guard image[2] % patch == 0, image[3] % patch == 0 else {
            throw NetworkError(
                .input, context: id,
                "cuts the input into patches of \(patch) pixels, got \(image); use a size that is a "
                    + "multiple of \(patch)")
        }
        let map = try graph.convolutionLayer(
            "patch_embed.proj", input, outputs: width, kernel: patch, stride: patch,
            padding: Padding.none, hasBias: true, initializer: Self.initializer)
        graph.label(map, "stem")
        let grid = graph.shape(of: map)
        var x = try embedded(map, in: &graph)
        for index in 0..<depth {
            x = try graph.scoped("blocks.\(index)") { try block(x, in: &$0) }
            // Four stages of equal depth, as the taps of convolutional networks.
            if (index + 1) * 4 % depth == 0 {
                let tap = "layer\((index + 1) * 4 / depth)"
                graph.label(try self.map(of: x, like: grid, in: &graph), tap)
            }
        }
        x = try graph.layerNormalizationLayer("norm", x)
        let features = try self.map(of: x, like: grid, in: &graph)
        graph.label(features, "features")
        let token = try graph.reshape(
            graph.slice(x, axis: 1, start: 0, length: 1), [.copy(0), .copy(2)])
        graph.label(token, "pooled")
        var taps = NetworkTaps(features: features, pooled: token, logits: nil)
        if let classes = options.classes {
            let logits = try graph.linearLayer(
                "head", token, outputs: classes, initializer: Self.initializer)
            graph.label(logits, "logits")
            taps.logits = logits
        }
        return taps
    }

    /// `[batch, width, rows, columns]` as `[batch, 1 + rows * columns, width]`: the class token, then the patches,
    /// each with its position.
    private func embedded(_ map: Value, in graph: inout Graph) throws -> Value {
        let grid = graph.shape(of: map)
        let count = grid[2] * grid[3]
        let token = try graph.state(
            "cls_token", [1, 1, width], role: .parameter, initializer: Self.initializer)
        let positions = try graph.state(
            "pos_embed", [1, 1 + count, width], role: .parameter, initializer: Self.initializer)
        let patches = try graph.transpose(
            graph.reshape(map, [.copy(0), .copy(1), .size(count)]), [0, 2, 1])
        let tokens = try graph.concatenate(
            [graph.repeatForBatch(token, of: patches), patches], axis: 1)
        return try graph.add(tokens, positions)
    }

    /// The tokens of the patches as a map again.
    private func map(of tokens: Value, like grid: Shape, in graph: inout Graph) throws -> Value {
        let patches = try graph.slice(tokens, axis: 1, start: 1, length: grid[2] * grid[3])
        return try graph.reshape(
            graph.transpose(patches, [0, 2, 1]),
            [.copy(0), .copy(1), .size(grid[2]), .size(grid[3])])
    }

    /// Attention, then two layers at each token, both on normalised tokens and beside a shortcut.
    private func block(_ input: Value, in graph: inout Graph) throws -> Value {
        var x = try graph.layerNormalizationLayer("norm1", input)
        x = try graph.linearLayer(
            "attn.qkv", x, outputs: 3 * width, initializer: Self.initializer)
        x = try graph.attendToSelf(x, heads: heads)
        x = try graph.linearLayer("attn.proj", x, outputs: width, initializer: Self.initializer)
        let middle = try graph.add(input, x)
        x = try graph.layerNormalizationLayer("norm2", middle)
        x = try graph.linearLayer(
            "mlp.fc1", x, outputs: 4 * width, initializer: Self.initializer)
        x = try graph.unary(.gelu, x)
        x = try graph.linearLayer("mlp.fc2", x, outputs: width, initializer: Self.initializer)
        return try graph.add(middle, x)
    }
}
