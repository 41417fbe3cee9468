import CKernels
import COneDNN
import Graphs
import Tensors

/// A convolution with what may follow it: a bias, a residual, a rectifier.
final class ConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let primitive: ConvolutionPrimitive
    var implementation: String { primitive.implementation }
    private let epilogue: ConvolutionEpilogue

    private init(
        _ primitive: ConvolutionPrimitive, _ context: KernelContext,
        _ options: distill_convolution_options
    ) {
        self.primitive = primitive
        let image: Layout = primitive.half ? .bfloat16 : .standard
        epilogue = ConvolutionEpilogue(
            options, context,
            width: primitive.half ? MemoryLayout<UInt16>.stride : MemoryLayout<Float>.stride)
        demands = epilogue.demands(
            image: image, weights: .weights(primitive.weights), result: image,
            scratchBytes: primitive.scratchBytes)
    }

    static func make(_ context: KernelContext) throws -> (any Kernel)? {
        guard
            let options = options(
                of: context.node, context.inputs, inference: context.inference, half: context.half)
        else { return nil }
        if let bytes = try ByteConvolutionKernel.make(context, options) { return bytes }
        if let depthwise = DepthwiseKernel.forward(options) { return depthwise }
        if CellProducts.suit(options) { return try CellConvolutionKernel(options.shape) }
        if WinogradConvolutionKernel.suits(options) {
            return WinogradConvolutionKernel(context, options)
        }
        if PairProducts.suit(options) { return try PairConvolutionKernel(context, options) }
        if NarrowConvolutionKernel.suits(options) {
            return NarrowConvolutionKernel(context, options)
        }
        if DirectConvolutionKernel.suits(options) {
            return try DirectConvolutionKernel(context, options)
        }
        var layout: WeightLayout?
        if case .weights(let known) = context.inputLayouts[1] { layout = known }
        let primitive = try ConvolutionPrimitive.accepting(layout, context.engine, options)
        return ConvolutionKernel(primitive, context, options)
    }

    /// The layout in which the weights of a convolution serve it best.
    static func preferredWeights(
        _ options: distill_convolution_options, _ engine: Engine
    ) throws -> Layout {
        if distill_depthwise(options) != nil { return .standard }
        return .weights(try preferredBlocks(options, engine))
    }

    private static func preferredBlocks(
        _ options: distill_convolution_options, _ engine: Engine
    ) throws -> WeightLayout {
        if CellProducts.suit(options) || PairProducts.suit(options) {
            return try WeightLayout.plain(DISTILL_CELLS_FIRST, options.shape)
        }
        guard options.half != 0 else { return try ConvolutionPrimitive(engine, options).weights }
        // Master weights are float32 and lie as their gradient does; the forward pass converts them anyway.
        var gradient = options
        gradient.kind = Int32(DISTILL_BACKWARD_WEIGHTS.rawValue)
        gradient.has_bias = 0
        return try ConvolutionPrimitive(engine, gradient).weights
    }

    /// What oneDNN is asked for, nil for operators that are no convolution or compute nothing.
    static func options(
        of node: Node, _ inputs: [TensorType], inference: Bool, half: Bool
    ) -> distill_convolution_options? {
        let fused = node.operation as? FusedConvolution
        guard let convolution = node.operation as? Convolution ?? fused?.convolution,
            node.outputs[0].shape.count > 0
        else { return nil }
        let shape = distill_convolution_shape(
            convolution, x: inputs[0].shape, weight: inputs[1].shape, y: node.outputs[0].shape)
        let kind = inference ? DISTILL_FORWARD_INFERENCE : DISTILL_FORWARD_TRAINING
        return distill_convolution_options(
            kind: Int32(kind.rawValue), has_bias: inputs.count > 2 ? 1 : 0,
            adds_output: fused?.addsResidual == true ? 1 : 0,
            rectifies: fused?.rectifies == true ? 1 : 0, half: half ? 1 : 0,
            prefers_direct: prefersDirect(shape, half: half) ? 1 : 0, shape: shape)
    }

    /// Whether a direct convolution is faster than the batched products that oneDNN would choose first, by
    /// measurement: in bfloat16 for all windows and for small results, in float32 for small results.
    private static func prefersDirect(_ shape: distill_convolution_shape, half: Bool) -> Bool {
        let cells = shape.out_height * shape.out_width
        if shape.kernel.0 * shape.kernel.1 == 1 { return cells <= (half ? 64 : 16) }
        return half || cells <= 16
    }

    func run(_ operands: Operands) throws {
        epilogue.placeResidual(operands)
        try primitive.run(
            image: operands.inputs[0], weights: operands.inputs[1],
            bias: epilogue.bias(operands), result: operands.outputs[0],
            scratch: operands.scratch)
    }
}

/// The gradient of a convolution by its image.
final class ConvolutionInputGradientKernel: Kernel {
    let demands: KernelDemands
    private let primitive: ConvolutionPrimitive
    var implementation: String { primitive.implementation }

    private init(_ primitive: ConvolutionPrimitive) {
        self.primitive = primitive
        let image: Layout = primitive.half ? .bfloat16 : .standard
        demands = KernelDemands(
            inputLayouts: [image, .weights(primitive.weights), .standard], outputLayouts: [image],
            scratchBytes: primitive.scratchBytes)
    }

    static func make(_ context: KernelContext) throws -> (any Kernel)? {
        guard let operation = context.node.operation as? ConvolutionInputGradient,
            context.shape(0).count > 0
        else { return nil }
        let options = distill_convolution_options(
            kind: Int32(DISTILL_BACKWARD_DATA.rawValue), has_bias: 0, adds_output: 0, rectifies: 0,
            half: context.half ? 1 : 0, prefers_direct: 0,
            shape: distill_convolution_shape(
                operation.convolution, x: context.outputShape, weight: context.shape(1),
                y: context.shape(0)))
        if let depthwise = DepthwiseKernel.inputGradient(options) { return depthwise }
        if CellProducts.suit(options) { return try CellInputGradientKernel(options.shape) }
        if PairProducts.suit(options) { return try PairInputGradientKernel(options.shape) }
        var layout: WeightLayout?
        if case .weights(let known) = context.inputLayouts[1] { layout = known }
        return ConvolutionInputGradientKernel(
            try ConvolutionPrimitive.accepting(layout, context.engine, options))
    }

    func run(_ operands: Operands) throws {
        try primitive.run(
            image: operands.outputs[0], weights: operands.inputs[1], bias: nil,
            result: operands.inputs[0], scratch: operands.scratch)
    }
}

/// The gradient of a convolution by its weights, in the layout in which the weights themselves lie.
final class ConvolutionWeightGradientKernel: Kernel {
    let demands: KernelDemands
    private let primitive: ConvolutionPrimitive
    var implementation: String { primitive.implementation }
    /// From the primitive's layout to the weights', nil where they are the same.
    private let reorder: WeightReorder?
    private let primitiveScratch: Int

    private init(_ primitive: ConvolutionPrimitive, _ reorder: WeightReorder?, _ target: Layout) {
        self.primitive = primitive
        self.reorder = reorder
        primitiveScratch = primitive.scratchBytes.roundedUpToLine
        let between = reorder == nil ? 0 : primitive.weights.byteCount.roundedUpToLine
        let image: Layout = primitive.half ? .bfloat16 : .standard
        demands = KernelDemands(
            inputLayouts: [image, image, target], outputLayouts: [target],
            scratchBytes: between
                + max(primitiveScratch, (reorder?.scratchBytes ?? 0).roundedUpToLine))
    }

    static func make(_ context: KernelContext) throws -> (any Kernel)? {
        guard let operation = context.node.operation as? ConvolutionWeightGradient,
            context.shape(1).count > 0
        else { return nil }
        let options = distill_convolution_options(
            kind: Int32(DISTILL_BACKWARD_WEIGHTS.rawValue), has_bias: 0, adds_output: 0,
            rectifies: 0, half: context.half ? 1 : 0, prefers_direct: 0,
            shape: distill_convolution_shape(
                operation.convolution, x: context.shape(0), weight: context.outputShape,
                y: context.shape(1)))
        if let depthwise = DepthwiseKernel.weightGradient(options) { return depthwise }
        let target: WeightLayout =
            switch context.inputLayouts[2] {
            case .weights(let known): known
            case .standard, .bfloat16, .bytes, .prepared:
                try WeightLayout.plain(DISTILL_CHANNELS_LAST, options.shape)
            }
        let suitsCells = CellProducts.suit(options)
        if suitsCells || PairProducts.suit(options),
            try target == WeightLayout.plain(DISTILL_CELLS_FIRST, options.shape)
        {
            return suitsCells
                ? CellWeightGradientKernel(options.shape, target: context.inputLayouts[2])
                : PairWeightGradientKernel(options.shape, target: context.inputLayouts[2])
        }
        let primitive = try ConvolutionPrimitive.accepting(target, context.engine, options)
        let reorder =
            primitive.weights == target
            ? nil : try WeightReorder(context.engine, from: primitive.weights, to: target)
        return ConvolutionWeightGradientKernel(
            primitive, reorder, context.isHalf(2) ? .standard : context.inputLayouts[2])
    }

    func run(_ operands: Operands) throws {
        guard let reorder else {
            try primitive.run(
                image: operands.inputs[0], weights: operands.outputs[0], bias: nil,
                result: operands.inputs[1], scratch: operands.scratch)
            return
        }
        let between =
            operands.scratch + max(primitiveScratch, reorder.scratchBytes.roundedUpToLine)
        try primitive.run(
            image: operands.inputs[0], weights: between, bias: nil, result: operands.inputs[1],
            scratch: operands.scratch)
        try reorder.run(from: between, to: operands.outputs[0], scratch: operands.scratch)
    }
}

/// Moves weights into the layout that a kernel demands.
final class WeightReorderKernel: Kernel {
    let demands: KernelDemands
    private let reorder: WeightReorder

    /// - Precondition: one of the layouts is blocked.
    init(_ engine: Engine, from: Layout, to: Layout) throws {
        func blocks(_ layout: Layout, _ other: Layout) throws -> WeightLayout {
            switch (layout, other) {
            case (.weights(let known), _): known
            case (.standard, .weights(let known)):
                try WeightLayout.plain(DISTILL_CHANNELS_LAST, known.geometry)
            default: preconditionFailure("nothing to reorder")
            }
        }
        reorder = try WeightReorder(engine, from: blocks(from, to), to: blocks(to, from))
        demands = KernelDemands(
            inputLayouts: [from], outputLayouts: [to], scratchBytes: reorder.scratchBytes)
    }

    func run(_ operands: Operands) throws {
        try reorder.run(
            from: operands.inputs[0], to: operands.outputs[0], scratch: operands.scratch)
    }
}
