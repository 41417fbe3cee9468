import Graphs

/// Which operators have an ONNX form: one line for each, by family.
///
/// To add one: its line here and a function in the file of its family.
enum ONNXExportTable {
    /// - Throws: `InterchangeError.unsupported` for an operator without a form.
    static func export(_ node: Node, in export: GraphExport) throws {
        switch node.operation {
        // Element-wise.
        case let unary as Unary: try ElementWiseExport.unary(unary.function, node, export)
        case let binary as Binary: try ElementWiseExport.binary(binary.function, node, export)
        case let affine as Affine: try ElementWiseExport.affine(affine, node, export)
        case let clip as Clip: try ElementWiseExport.clip(clip, node, export)
        case is Rectifier: try ElementWiseExport.plain("Relu", node, export)
        case is Select: try ElementWiseExport.select(node, export)
        case is StopGradient: try export.alias(node.output(), node.inputs[0])
        // Layers.
        case let convolution as Convolution:
            try LayerExport.convolution(convolution, node, export)
        case let fused as FusedConvolution: try LayerExport.fused(fused, node, export)
        case let normalization as BatchNormalizationInference:
            try LayerExport.normalization(normalization, node, export)
        case let normalization as LayerNormalization:
            try LayerExport.layerNormalization(normalization, node, export)
        case let pool as MaximumPool: try LayerExport.maximumPool(pool, node, export)
        case let pool as AveragePool: try LayerExport.averagePool(pool, node, export)
        case let product as MatrixMultiply: try LayerExport.product(product, node, export)
        case let softmax as Softmax:
            try ElementWiseExport.plain("Softmax", node, export, [.integer("axis", softmax.axis)])
        case let softmax as LogSoftmax:
            try ElementWiseExport.plain(
                "LogSoftmax", node, export, [.integer("axis", softmax.axis)])
        // Shapes.
        case let reduce as Reduce: try ShapeExport.reduce(reduce, node, export)
        case let reshape as Reshape: try ShapeExport.reshape(reshape, node, export)
        case is ReshapeLike: try ShapeExport.like("Reshape", node, export)
        case let broadcast as BroadcastTo: try BatchExport.broadcast(broadcast, node, export)
        case is BatchIndex: try BatchExport.index(node, export)
        case is BroadcastLike: try ShapeExport.like("Expand", node, export)
        case let transpose as Transpose:
            try ElementWiseExport.plain(
                "Transpose", node, export, [.integers("perm", transpose.permutation)])
        case let join as Concatenate:
            try ElementWiseExport.plain("Concat", node, export, [.integer("axis", join.axis)])
        case let slice as Slice: try ShapeExport.slice(slice, node, export)
        case let pad as Pad: try ShapeExport.pad(pad, node, export)
        case let resize as Resize: try ShapeExport.resize(resize, node, export)
        case let gather as Gather: try ShapeExport.gather(gather, node, export)
        case let best as ArgMax: try ShapeExport.argMax(best, node, export)
        default:
            throw InterchangeError(
                .unsupported, node: node.name, "operator \(node.operation.kind) has no ONNX form")
        }
    }
}
