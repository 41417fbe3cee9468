import CLimit
import Graphs
import Tensors

/// An operator of a step as oneDNN has it: what is measured once for all nodes that are alike.
struct LimitOperator: Hashable {
    enum Kind: String {
        case convolution, convolutionInputGradient, convolutionWeightGradient
        case normalization, normalizationGradient
        case pool, poolGradient
        case product

        var family: String {
            switch self {
            case .convolution, .convolutionInputGradient, .convolutionWeightGradient: "convolution"
            case .normalization, .normalizationGradient: "normalization"
            case .pool, .poolGradient: "pooling"
            case .product: "dense"
            }
        }

        var code: Int {
            switch self {
            case .convolution: Int(LIMIT_CONVOLUTION.rawValue)
            case .convolutionInputGradient: Int(LIMIT_CONVOLUTION_INPUT_GRADIENT.rawValue)
            case .convolutionWeightGradient: Int(LIMIT_CONVOLUTION_WEIGHT_GRADIENT.rawValue)
            case .normalization: Int(LIMIT_NORMALIZATION.rawValue)
            case .normalizationGradient: Int(LIMIT_NORMALIZATION_GRADIENT.rawValue)
            case .pool: Int(LIMIT_POOL.rawValue)
            case .poolGradient: Int(LIMIT_POOL_GRADIENT.rawValue)
            case .product: Int(LIMIT_PRODUCT.rawValue)
            }
        }
    }

    var kind: Kind
    /// Image and result `[batch, channels, height, width]`; of a product its extents `[m, k]` and `[m, n]`.
    var image: Shape
    var result: Shape
    var groups = 1
    var kernel = [1, 1]
    var strides = [1, 1]
    var dilations = [1, 1]
    var padBefore = [0, 0]
    var padAfter = [0, 0]
    var hasBias = false
    var addsOutput = false
    var rectifies = false
    var isMaximum = false
    var countsPadding = false
    var transposesLeft = false
    var transposesRight = false
    var rightIsWeight = false
    /// The result is the gradient of a parameter, which stays float32.
    var floatResult = false

    init(_ kind: Kind, image: Shape, result: Shape) {
        self.kind = kind
        self.image = image
        self.result = result
    }

    init(_ kind: Kind, _ convolution: Convolution, image: Shape, weight: Shape, result: Shape) {
        self.init(kind, image: image, result: result)
        groups = convolution.groups
        kernel = [weight[2], weight[3]]
        strides = convolution.strides
        dilations = convolution.dilations
        padBefore = [convolution.padding.top, convolution.padding.left]
        padAfter = LimitOperator.padAfter(self)
    }

    init(_ kind: Kind, _ geometry: PoolingWindow, image: Shape, result: Shape) {
        self.init(kind, image: image, result: result)
        kernel = geometry.window
        strides = geometry.strides
        padBefore = [geometry.padding.top, geometry.padding.left]
        padAfter = LimitOperator.padAfter(self)
    }

    /// oneDNN wants the padding that the last window reaches, not what is left over behind it.
    private static func padAfter(_ o: LimitOperator) -> [Int] {
        (0..<2).map { axis in
            let reach = o.dilations[axis] * (o.kernel[axis] - 1) + 1
            return (o.result[axis + 2] - 1) * o.strides[axis] + reach
                - o.image[axis + 2] - o.padBefore[axis]
        }
    }

    /// Such as `64x32x32>64x16x16 k3x3 s2 g64`.
    var extents: String {
        guard kind != .product else { return "\(image[0])x\(image[1])x\(result[1])" }
        func cells(_ shape: Shape) -> String {
            shape.dimensions[1...].map(String.init).joined(separator: "x")
        }
        guard kind != .normalization, kind != .normalizationGradient else { return cells(image) }
        var text = "\(cells(image))>\(cells(result)) k\(kernel[0])x\(kernel[1])"
        if strides != [1, 1] { text += " s\(strides[0])" }
        if groups > 1 { text += " g\(groups)" }
        return text
    }

    /// What is done in the same pass.
    var fused: [String] {
        [(hasBias, "bias"), (addsOutput, "sum"), (rectifies, "relu")].compactMap { $0 ? $1 : nil }
    }

    /// Times the operator; nil where oneDNN has no implementation.
    ///
    /// - Throws: `LimitError` for any other refusal.
    func measure(bfloat16: Bool) throws -> limit_time? {
        var operation = described(bfloat16: bfloat16)
        var time = limit_time()
        let status = limit_measure(&operation, &time)
        if status == limit_unimplemented { return nil }
        guard status == 0 else {
            throw LimitError(
                "oneDNN refuses \(kind.rawValue) \(extents) with status \(status)")
        }
        return time
    }

    private func described(bfloat16: Bool) -> limit_operator {
        var o = limit_operator()
        o.kind = Int32(kind.code)
        o.element = Int32(bfloat16 ? LIMIT_BFLOAT16.rawValue : LIMIT_FLOAT32.rawValue)
        o.has_bias = hasBias ? 1 : 0
        o.adds_output = addsOutput ? 1 : 0
        o.rectifies = rectifies ? 1 : 0
        o.is_maximum = isMaximum ? 1 : 0
        o.counts_padding = countsPadding ? 1 : 0
        o.transposes_left = transposesLeft ? 1 : 0
        o.transposes_right = transposesRight ? 1 : 0
        o.right_is_weight = rightIsWeight ? 1 : 0
        o.float_result = floatResult ? 1 : 0
        o.batch = Int64(image[0])
        o.inputs = Int64(image[1])
        o.outputs = Int64(result[1])
        o.groups = Int64(groups)
        if image.rank == 4 {
            (o.height, o.width) = (Int64(image[2]), Int64(image[3]))
            (o.out_height, o.out_width) = (Int64(result[2]), Int64(result[3]))
        }
        func pair(_ values: [Int]) -> (Int64, Int64) { (Int64(values[0]), Int64(values[1])) }
        o.kernel = pair(kernel)
        o.stride = pair(strides)
        o.dilation = pair(dilations)
        o.pad_before = pair(padBefore)
        o.pad_after = pair(padAfter)
        return o
    }
}

/// Why a limit cannot be computed.
struct LimitError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
