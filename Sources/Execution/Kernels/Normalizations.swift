import CKernels
import Graphs
import Tensors

/// The rows and channels of a tensor whose channels lie innermost.
struct ChannelRows {
    let rows: Int64
    let channels: Int64

    /// Nil where channels do not lie innermost: anything but two or four axes.
    init?(_ shape: Shape) {
        guard shape.rank == 2 || shape.rank == 4, shape.count > 0 else { return nil }
        channels = Int64(shape[1])
        rows = Int64(shape.count / shape[1])
    }

    var scratchBytes: Int { Int(distill_normalize_scratch(channels)) }
}

/// Batch normalisation in training, with the residual and the rectifier that follow it.
final class NormalizationKernel: Kernel {
    let demands: KernelDemands
    private let size: ChannelRows
    private let epsilon: Float
    private let adds: Bool
    /// What the result is limited to; 0: it is not limited.
    private let ceiling: Float
    private let half: Int32

    private init(
        _ size: ChannelRows, epsilon: Double, adds: Bool = false, ceiling: Double = 0, half: Bool
    ) {
        self.size = size
        self.epsilon = Float(epsilon)
        self.adds = adds
        self.ceiling = Float(ceiling)
        self.half = half ? 1 : 0
        let image: Layout = half ? .bfloat16 : .standard
        demands = KernelDemands(
            inputLayouts: [image, .standard, .standard] + (adds ? [image] : []),
            outputLayouts: [image, .standard, .standard, .standard],
            inPlace: adds ? [(0, 0), (0, 3)] : [(0, 0)], scratchBytes: size.scratchBytes)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let size = ChannelRows(context.shape(0)) else { return nil }
        switch context.node.operation {
        case let operation as BatchNormalization:
            return NormalizationKernel(
                size, epsilon: operation.epsilon, half: context.isHalf(0))
        case let operation as NormalizedActivation:
            return NormalizationKernel(
                size, epsilon: operation.epsilon, adds: operation.addsResidual,
                ceiling: operation.ceiling, half: context.isHalf(0))
        default: return nil
        }
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        let outputs = operands.outputs
        distill_channel_moments(
            size.rows, size.channels, half, inputs[0], outputs[1], outputs[2], outputs[3],
            operands.scratch)
        distill_normalize(
            size.rows, size.channels, half, inputs[0], inputs[1], inputs[2], outputs[1],
            outputs[2], epsilon, adds ? UnsafeRawPointer(inputs[3]) : nil, ceiling, outputs[0],
            operands.scratch)
    }
}

/// Batch normalisation with given statistics.
final class NormalizationInferenceKernel: Kernel {
    let demands: KernelDemands
    private let size: ChannelRows
    private let epsilon: Float
    private let half: Int32

    private init(_ size: ChannelRows, epsilon: Double, half: Bool) {
        self.size = size
        self.epsilon = Float(epsilon)
        self.half = half ? 1 : 0
        let image: Layout = half ? .bfloat16 : .standard
        demands = KernelDemands(
            inputLayouts: [image, .standard, .standard, .standard, .standard],
            outputLayouts: [image], inPlace: [(0, 0)], scratchBytes: size.scratchBytes)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let operation = context.node.operation as? BatchNormalizationInference,
            let size = ChannelRows(context.shape(0))
        else { return nil }
        return NormalizationInferenceKernel(
            size, epsilon: operation.epsilon, half: context.isHalf(0))
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        distill_normalize(
            size.rows, size.channels, half, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4],
            epsilon, nil, 0, operands.outputs[0], operands.scratch)
    }
}

/// The gradients of batch normalisation in training, from behind the rectifier where it is fused.
final class NormalizationGradientKernel: Kernel {
    let demands: KernelDemands
    private let size: ChannelRows
    private let epsilon: Float
    /// The places of the inputs and of the masked gradient among the outputs.
    private let more: Int?
    private let y: Int?
    private let x: Int
    private let masked: Int?
    private let ceiling: Float
    private let half: Int32

    private init(
        _ size: ChannelRows, epsilon: Double, more: Int? = nil, y: Int? = nil, x: Int,
        masked: Int? = nil, ceiling: Double = .infinity, half: Bool
    ) {
        self.size = size
        self.epsilon = Float(epsilon)
        (self.more, self.y, self.x, self.masked) = (more, y, x, masked)
        self.ceiling = Float(ceiling)
        self.half = half ? 1 : 0
        let image: Layout = half ? .bfloat16 : .standard
        var inPlace: [(output: Int, input: Int)] = []
        if let masked {
            inPlace.append((masked, 0))
            if let more { inPlace.append((masked, more)) }
        }
        inPlace.append((0, x))
        inPlace.append((0, 0))
        demands = KernelDemands(
            inputLayouts: [Layout](repeating: image, count: x + 1)
                + [.standard, .standard, .standard],
            outputLayouts: [image, .standard, .standard] + (masked == nil ? [] : [image]),
            inPlace: inPlace, scratchBytes: size.scratchBytes)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let size = ChannelRows(context.outputShape) else { return nil }
        switch context.node.operation {
        case let operation as BatchNormalizationGradient:
            return NormalizationGradientKernel(
                size, epsilon: operation.epsilon, x: 1, half: context.isHalf(1))
        case let operation as NormalizedActivationGradient:
            let x = operation.imageInput
            return NormalizationGradientKernel(
                size, epsilon: operation.epsilon, more: operation.adds ? 1 : nil,
                y: operation.ceiling > 0 ? x - 1 : nil, x: x,
                masked: operation.keepsMasked ? 3 : nil, ceiling: operation.ceiling,
                half: context.isHalf(x))
        default: return nil
        }
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        let outputs = operands.outputs
        distill_normalize_gradient(
            size.rows, size.channels, half, inputs[0], more.map { UnsafeRawPointer(inputs[$0]) },
            y.map { UnsafeRawPointer(inputs[$0]) }, ceiling, inputs[x], inputs[x + 1],
            inputs[x + 2], inputs[x + 3], epsilon, masked.map { outputs[$0] }, outputs[0],
            outputs[1], outputs[2], operands.scratch)
    }
}
