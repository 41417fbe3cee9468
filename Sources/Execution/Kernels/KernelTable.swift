import Graphs

/// Which kernel runs which operator: one line each.
///
/// A factory returns nil for what its kernel does not cover; the exact evaluation in float64 runs then.
enum KernelTable {
    typealias Factory = @Sendable (KernelContext) throws -> (any Kernel)?

    static let factories: [String: Factory] = [
        Unary.kind: UnaryKernel.make,
        Rectifier.kind: LimitKernel.make,
        Affine.kind: AffineKernel.make,
        Clip.kind: LimitKernel.make,
        Binary.kind: BinaryKernel.make,
        RectifierGradient.kind: LimitGradientKernel.make,
        ClipGradient.kind: LimitGradientKernel.make,
        MaskedSum.kind: LimitGradientKernel.make,
        Select.kind: SelectKernel.make,
        StopGradient.kind: AliasKernel.make,
        Reshape.kind: ReshapeKernel.make,
        ReshapeLike.kind: ReshapeKernel.make,
        Transpose.kind: CopyKernel.transpose,
        BroadcastLike.kind: CopyKernel.broadcast,
        BroadcastTo.kind: CopyKernel.broadcast,
        Slice.kind: CopyKernel.slice,
        SliceGradient.kind: CopyKernel.sliceGradient,
        Pad.kind: CopyKernel.pad,
        PadGradient.kind: CopyKernel.padGradient,
        Concatenate.kind: { ByteJoinKernel.make($0) ?? CopyKernel.concatenate($0) },
        ConcatenateGradient.kind: CopyKernel.concatenateGradient,
        BatchIndex.kind: BatchIndexKernel.make,
        Gather.kind: GatherKernel.make,
        GatherGradient.kind: GatherKernel.make,
        Reduce.kind: ReduceKernel.reduce,
        ReduceLike.kind: ReduceKernel.reduceLike,
        ReduceMeanGradient.kind: ScaledBroadcastKernel.make,
        ArgMax.kind: ArgMaxKernel.make,
        Softmax.kind: SoftmaxKernel.make,
        LogSoftmax.kind: SoftmaxKernel.make,
        SoftmaxGradient.kind: SoftmaxGradientKernel.make,
        LogSoftmaxGradient.kind: SoftmaxGradientKernel.make,
        MatrixMultiply.kind: MatrixMultiplyKernel.make,
        Convolution.kind: ConvolutionKernel.make,
        FusedConvolution.kind: ConvolutionKernel.make,
        ConvolutionInputGradient.kind: ConvolutionInputGradientKernel.make,
        ConvolutionWeightGradient.kind: ConvolutionWeightGradientKernel.make,
        BatchNormalization.kind: NormalizationKernel.make,
        NormalizedActivation.kind: NormalizationKernel.make,
        BatchNormalizationInference.kind: NormalizationInferenceKernel.make,
        BatchNormalizationGradient.kind: NormalizationGradientKernel.make,
        NormalizedActivationGradient.kind: NormalizationGradientKernel.make,
        LayerNormalization.kind: LayerNormalizationKernel.make,
        LayerNormalizationGradient.kind: LayerNormalizationKernel.make,
        MaximumPool.kind: { BytePoolKernel.make($0) ?? PoolKernel.make($0) },
        MaximumPoolGradient.kind: PoolKernel.make,
        AveragePool.kind: PoolKernel.make,
        AveragePoolGradient.kind: PoolKernel.make,
        Resize.kind: ResizeKernel.make,
        ResizeGradient.kind: ResizeKernel.make,
        NesterovUpdate.kind: NesterovKernel.make,
        MovingAverage.kind: MovingAverageKernel.make,
        GlobalNorm.kind: GlobalNormKernel.make,
        MagnitudeHistogram.kind: MagnitudeHistogramKernel.make,
    ]

    static func kernel(_ context: KernelContext) throws -> any Kernel {
        do {
            if let kernel = try factories[context.node.operation.kind]?(context) { return kernel }
        } catch var error as ExecutionError {
            if error.name.isEmpty { error.name = context.node.name }
            throw error
        }
        return EvaluatingKernel(context)
    }

    /// Inputs of an operator that it reads for their shape alone: they need not even be computed.
    static func readsShapeOnly(_ operation: any Operator, input: Int) -> Bool {
        switch operation {
        case is ReduceLike, is BroadcastLike, is BroadcastTo, is ReshapeLike, is ReduceMeanGradient,
            is SliceGradient,
            is PadGradient, is AveragePoolGradient, is ResizeGradient:
            input == 1
        case is ConcatenateGradient: input >= 1
        case is BatchIndex: true
        case is ConvolutionInputGradient, is ConvolutionWeightGradient, is GatherGradient:
            input == 2
        default: false
        }
    }
}
