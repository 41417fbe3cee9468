import Graphs

/// Which ONNX operators are understood: one line for each, by family.
///
/// To add one: a converter in the file of its family in `ONNX/Operators/`, and its line here.
enum ONNXOperatorTable {
    /// Turns a node into operands of the graph, one for each of its outputs.
    typealias Converter = @Sendable (NodeConversion) throws -> [Operand]

    static let converters: [String: Converter] = [
        elementWise, activations, arithmetic, dense, windows, shaping, reductions,
        normalizations, indexing, quantization, constants, attention, losses,
    ].reduce(into: [:]) { table, family in table.merge(family) { first, _ in first } }

    /// Of onnxruntime's own domain, as its quantisation tools write them.
    static let microsoft: [String: Converter] = [
        "DequantizeLinear": QuantizationConverters.dequantize,
        "QGemm": QuantizedLayerConverters.product,
        "QLinearAdd": QuantizedLayerConverters.binary(.add),
        "QLinearConcat": QuantizedLayerConverters.concatenation,
        "QLinearGlobalAveragePool": QuantizedLayerConverters.globalAveragePool,
        "QLinearMul": QuantizedLayerConverters.binary(.multiply),
        "QLinearSigmoid": QuantizedLayerConverters.unary(.sigmoid),
        "QuantizeLinear": QuantizationConverters.quantize,
    ]

    /// How a node is understood, nil where it is not.
    static func converter(_ kind: String, domain: String) -> Converter? {
        switch domain {
        case "", "ai.onnx": converters[kind]
        case "com.microsoft": microsoft[kind]
        default: nil
        }
    }

    private static let elementWise: [String: Converter] = [
        "Abs": ElementWiseConverters.unary(.absolute),
        "Acos": ElementWiseConverters.pointwise(.arcCosine),
        "Acosh": ElementWiseConverters.pointwise(.inverseCosine),
        "Asin": ElementWiseConverters.pointwise(.arcSine),
        "Asinh": ElementWiseConverters.pointwise(.inverseSine),
        "Atan": ElementWiseConverters.pointwise(.arcTangent),
        "Atanh": ElementWiseConverters.pointwise(.inverseTangent),
        "BitwiseNot": ElementWiseConverters.bitwiseNot,
        "Cast": ElementWiseConverters.cast,
        "CastLike": ElementWiseConverters.castLike,
        "Ceil": ElementWiseConverters.pointwise(.ceiling),
        "Clip": ElementWiseConverters.clip,
        "Cos": ElementWiseConverters.pointwise(.cosine),
        "Cosh": ElementWiseConverters.pointwise(.hyperbolicCosine),
        "Dropout": ElementWiseConverters.dropout,
        "Erf": ElementWiseConverters.unary(.erf),
        "Exp": ElementWiseConverters.unary(.exp),
        "Floor": ElementWiseConverters.pointwise(.floor),
        "Identity": ElementWiseConverters.identity,
        "IsInf": ElementWiseConverters.infinite,
        "IsNaN": ElementWiseConverters.isNaN,
        "Log": ElementWiseConverters.unary(.logarithm),
        "Neg": ElementWiseConverters.unary(.negate),
        "Not": ElementWiseConverters.not,
        "Reciprocal": ElementWiseConverters.unary(.reciprocal),
        "Round": ElementWiseConverters.pointwise(.roundHalfEven),
        "Sign": ElementWiseConverters.unary(.sign),
        "Sin": ElementWiseConverters.pointwise(.sine),
        "Sinh": ElementWiseConverters.pointwise(.hyperbolicSine),
        "Sqrt": ElementWiseConverters.unary(.squareRoot),
        "Tan": ElementWiseConverters.pointwise(.tangent),
    ]

    private static let activations: [String: Converter] = [
        "Celu": ElementWiseConverters.continuousExponentialLinear,
        "Elu": ElementWiseConverters.exponentialLinear,
        "Gelu": ElementWiseConverters.gelu,
        "HardSigmoid": ElementWiseConverters.hardSigmoid,
        "HardSwish": ElementWiseConverters.unary(.hardSwish),
        "Hardmax": ProbabilityConverters.hardmax,
        "LeakyRelu": ElementWiseConverters.leakyRectify,
        "LogSoftmax": ProbabilityConverters.logSoftmax,
        "Mish": ElementWiseConverters.pointwise(.mish),
        "PRelu": ElementWiseConverters.parametricRectify,
        "Relu": ElementWiseConverters.rectify,
        "Selu": ElementWiseConverters.scaledExponentialLinear,
        "Shrink": ElementWiseConverters.shrink,
        "Sigmoid": ElementWiseConverters.unary(.sigmoid),
        "Softmax": ProbabilityConverters.softmax,
        "Softplus": ElementWiseConverters.unary(.softplus),
        "Softsign": ElementWiseConverters.pointwise(.softSign),
        "Swish": ElementWiseConverters.swish,
        "Tanh": ElementWiseConverters.unary(.tanh),
        "ThresholdedRelu": ElementWiseConverters.thresholdedRectify,
    ]

    private static let arithmetic: [String: Converter] = [
        "Add": ArithmeticConverters.binary(.add),
        "And": ArithmeticConverters.test(.and),
        "BitShift": ArithmeticConverters.shift,
        "BitwiseAnd": ArithmeticConverters.bits(.bitwiseAnd),
        "BitwiseOr": ArithmeticConverters.bits(.bitwiseOr),
        "BitwiseXor": ArithmeticConverters.bits(.bitwiseExclusiveOr),
        "Div": ArithmeticConverters.divide,
        "Equal": ArithmeticConverters.compare(.equal),
        "Greater": ArithmeticConverters.compare(.greater),
        "GreaterOrEqual": ArithmeticConverters.test(.greaterOrEqual),
        "Less": ArithmeticConverters.test(.less),
        "LessOrEqual": ArithmeticConverters.test(.lessOrEqual),
        "Max": ArithmeticConverters.fold(.maximum),
        "Mean": ArithmeticConverters.fold(.add, mean: true),
        "Min": ArithmeticConverters.fold(.minimum),
        "Mod": ArithmeticConverters.modulo,
        "Mul": ArithmeticConverters.binary(.multiply),
        "Or": ArithmeticConverters.test(.or),
        "Pow": ArithmeticConverters.power,
        "Sub": ArithmeticConverters.binary(.subtract),
        "Sum": ArithmeticConverters.fold(.add),
        "Where": ArithmeticConverters.choose,
        "Xor": ArithmeticConverters.test(.exclusiveOr),
    ]

    private static let dense: [String: Converter] = [
        "Einsum": EinsumConverter.convert,
        "Gemm": DenseConverters.general,
        "MatMul": DenseConverters.multiply,
        "MatMulInteger": DenseConverters.multiplyIntegers,
    ]

    private static let windows: [String: Converter] = [
        "AveragePool": PoolConverters.average,
        "Conv": ConvolutionConverters.convolution,
        "ConvInteger": ConvolutionConverters.integerConvolution,
        "ConvTranspose": ConvolutionConverters.transposed,
        "GlobalAveragePool": PoolConverters.global(.mean),
        "GlobalMaxPool": PoolConverters.global(.maximum),
        "LpPool": PoolConverters.power,
        "MaxPool": PoolConverters.maximum,
        "Resize": ResamplingConverters.resize,
        "Upsample": ResamplingConverters.upsample,
    ]

    private static let shaping: [String: Converter] = [
        "CenterCropPad": BorderConverters.centerCropPad,
        "Concat": ShapingConverters.concatenate,
        "DepthToSpace": ShapingConverters.depthToSpace,
        "Expand": ShapingConverters.expand,
        "Flatten": ShapingConverters.flatten,
        "Pad": BorderConverters.pad,
        "Reshape": ReshapeConverter.reshape,
        "Slice": ShapingConverters.slice,
        "SpaceToDepth": ShapingConverters.spaceToDepth,
        "Split": ShapingConverters.split,
        "Squeeze": ShapingConverters.squeeze,
        "Tile": ShapingConverters.tile,
        "Transpose": ShapingConverters.transpose,
        "Trilu": ShapingConverters.triangle,
        "Unsqueeze": ShapingConverters.unsqueeze,
    ]

    private static let reductions: [String: Converter] = [
        "ArgMax": ReductionConverters.extremeIndex(largest: true),
        "ArgMin": ReductionConverters.extremeIndex(largest: false),
        "CumProd": ReductionConverters.cumulate(product: true),
        "CumSum": ReductionConverters.cumulate(product: false),
        "ReduceL1": ReductionConverters.reduce(.sum, before: .absolute),
        "ReduceL2": ReductionConverters.reduce(.sum, before: .square, after: .squareRoot),
        "ReduceLogSum": ReductionConverters.reduce(.sum, after: .logarithm),
        "ReduceLogSumExp": ReductionConverters.logSumExp,
        "ReduceMax": ReductionConverters.reduce(.maximum),
        "ReduceMean": ReductionConverters.reduce(.sum, mean: true),
        "ReduceMin": ReductionConverters.reduce(.minimum),
        "ReduceProd": ReductionConverters.reduce(.product),
        "ReduceSum": ReductionConverters.reduce(.sum),
        "ReduceSumSquare": ReductionConverters.reduce(.sum, before: .square),
        "TopK": ReductionConverters.top,
    ]

    private static let normalizations: [String: Converter] = [
        "BatchNormalization": NormalizationConverters.batch,
        "GroupNormalization": NormalizationConverters.group,
        "InstanceNormalization": NormalizationConverters.instance,
        "LRN": NormalizationConverters.localResponse,
        "LayerNormalization": NormalizationConverters.layer,
        "LpNormalization": NormalizationConverters.power,
        "MeanVarianceNormalization": NormalizationConverters.meanVariance,
        "RMSNormalization": NormalizationConverters.rootMeanSquare,
    ]

    private static let indexing: [String: Converter] = [
        "Gather": IndexingConverters.gather,
        "GatherElements": IndexingConverters.gatherElements,
        "GatherND": IndexingConverters.gatherCoordinates,
        "OneHot": IndexingConverters.oneHot,
        "Scatter": IndexingConverters.scatterElements,
        "ScatterElements": IndexingConverters.scatterElements,
        "ScatterND": IndexingConverters.scatterCoordinates,
    ]

    private static let quantization: [String: Converter] = [
        "DequantizeLinear": QuantizationConverters.dequantize,
        "DynamicQuantizeLinear": QuantizationConverters.dynamicQuantize,
        "QLinearConv": QuantizedLayerConverters.convolution,
        "QLinearMatMul": QuantizationConverters.quantizedProduct,
        "QuantizeLinear": QuantizationConverters.quantize,
    ]

    private static let attention: [String: Converter] = [
        "Attention": AttentionConverter.convert,
        "RotaryEmbedding": RotaryConverter.convert,
        "SwiGLU": ElementWiseConverters.gatedSwish,
    ]

    private static let losses: [String: Converter] = [
        "NegativeLogLikelihoodLoss": LossConverters.likelihood,
        "SoftmaxCrossEntropyLoss": LossConverters.crossEntropy,
    ]

    private static let constants: [String: Converter] = [
        "Constant": ConstantConverters.constant,
        "ConstantOfShape": ConstantConverters.fill,
        "EyeLike": ConstantConverters.diagonal,
        "Range": ConstantConverters.range,
        "Shape": ConstantConverters.shape,
        "Size": ConstantConverters.size,
    ]
}
