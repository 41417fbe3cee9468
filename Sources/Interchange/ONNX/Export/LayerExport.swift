import Graphs
import Tensors

/// Convolutions, normalisation, pools and products in ONNX's terms.
enum LayerExport {
    static func convolution(
        _ convolution: Convolution, _ node: Node, _ export: GraphExport
    ) throws {
        let kernel = export.graph.shape(of: node.inputs[1])
        try ElementWiseExport.plain("Conv", node, export, attributes(convolution, kernel))
    }

    static func fused(_ fused: FusedConvolution, _ node: Node, _ export: GraphExport) throws {
        let inputs = try node.inputs.map { try export.name($0) }
        let kernel = export.graph.shape(of: node.inputs[1])
        let attributes = attributes(fused.convolution, kernel)
        let operands = Array(inputs.prefix(3))
        var chain: [(kind: String, others: [String])] = []
        if fused.addsResidual { chain.append(("Add", Array(inputs.suffix(1)))) }
        if fused.rectifies { chain.append(("Relu", [])) }
        let y = export.resultName(node)
        guard let last = chain.popLast() else {
            export.emit("Conv", operands, attributes, as: y)
            return
        }
        var current = export.step("Conv", operands, attributes, of: node)
        for (kind, others) in chain { current = export.step(kind, [current] + others, of: node) }
        export.emit(last.kind, [current] + last.others, as: y)
    }

    private static func attributes(
        _ convolution: Convolution, _ kernel: Shape
    ) -> [Onnx_AttributeProto] {
        [
            .integers("dilations", convolution.dilations), .integer("group", convolution.groups),
            .integers("kernel_shape", Array(kernel.dimensions.dropFirst(2))),
            pads(convolution.padding), .integers("strides", convolution.strides),
        ]
    }

    private static func pads(_ padding: Padding) -> Onnx_AttributeProto {
        .integers("pads", [padding.top, padding.left, padding.bottom, padding.right])
    }

    static func normalization(
        _ normalization: BatchNormalizationInference, _ node: Node, _ export: GraphExport
    ) throws {
        try ElementWiseExport.plain(
            "BatchNormalization", node, export, [.number("epsilon", normalization.epsilon)])
    }

    /// ONNX normalises the last axes alone, so channels are moved there and back.
    static func layerNormalization(
        _ normalization: LayerNormalization, _ node: Node, _ export: GraphExport
    ) throws {
        var inputs = try node.inputs.map { try export.name($0) }
        let rank = export.graph.shape(of: node.inputs[0]).rank
        let axis = normalization.axis < 0 ? normalization.axis + rank : normalization.axis
        let attributes: [Onnx_AttributeProto] = [
            .integer("axis", -1), .number("epsilon", normalization.epsilon),
        ]
        let y = export.resultName(node)
        guard axis < rank - 1 else {
            export.emit("LayerNormalization", inputs, attributes, as: y)
            return
        }
        let order = (0..<rank).filter { $0 != axis } + [axis]
        let back = (0..<rank).map { place in order.firstIndex(of: place) ?? place }
        inputs[0] = export.step("Transpose", [inputs[0]], [.integers("perm", order)], of: node)
        let moved = export.step("LayerNormalization", inputs, attributes, of: node)
        export.emit("Transpose", [moved], [.integers("perm", back)], as: y)
    }

    static func maximumPool(_ pool: MaximumPool, _ node: Node, _ export: GraphExport) throws {
        try ElementWiseExport.plain(
            "MaxPool", node, export,
            [
                .integer("ceil_mode", pool.ceilMode ? 1 : 0),
                .integers("kernel_shape", pool.window),
                pads(pool.padding), .integers("strides", pool.strides),
            ])
    }

    static func averagePool(_ pool: AveragePool, _ node: Node, _ export: GraphExport) throws {
        try ElementWiseExport.plain(
            "AveragePool", node, export,
            [
                .integer("ceil_mode", pool.ceilMode ? 1 : 0),
                .integer("count_include_pad", pool.countsPadding ? 1 : 0),
                .integers("kernel_shape", pool.window), pads(pool.padding),
                .integers("strides", pool.strides),
            ])
    }

    static func product(_ product: MatrixMultiply, _ node: Node, _ export: GraphExport) throws {
        var inputs = try node.inputs.map { try export.name($0) }
        let ranks = node.inputs.map { export.graph.shape(of: $0).rank }
        if ranks == [2, 2] {
            let attributes: [Onnx_AttributeProto] = [
                .integer("transA", product.transposeLeft ? 1 : 0),
                .integer("transB", product.transposeRight ? 1 : 0),
            ]
            export.emit("Gemm", inputs, attributes, as: export.resultName(node))
            return
        }
        for (side, isTransposed) in [product.transposeLeft, product.transposeRight].enumerated()
        where isTransposed {
            let rank = ranks[side]
            let order = Array(0..<(rank - 2)) + [rank - 1, rank - 2]
            inputs[side] = export.step(
                "Transpose", [inputs[side]], [.integers("perm", order)], of: node)
        }
        export.emit("MatMul", inputs, as: export.resultName(node))
    }
}
