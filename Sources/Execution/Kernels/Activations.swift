import CKernels
import Graphs
import Tensors

/// Moves images between float32 and bfloat16.
final class ConversionKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let narrows: Bool

    init(_ shape: Shape, narrows: Bool) {
        count = Int64(shape.count)
        self.narrows = narrows
        demands = KernelDemands(
            inputLayouts: [narrows ? .standard : .bfloat16],
            outputLayouts: [narrows ? .bfloat16 : .standard])
    }

    func run(_ operands: Operands) {
        let input = UnsafeMutableRawPointer(operands.inputs[0])
        let output = UnsafeMutableRawPointer(operands.outputs[0])
        if narrows {
            distill_float_to_bfloat(
                count, operands.inputs[0], output.assumingMemoryBound(to: UInt16.self))
        } else {
            distill_bfloat_to_float(
                count, input.assumingMemoryBound(to: UInt16.self), operands.outputs[0])
        }
    }
}

/// min(max(x, low), high): rectifiers and clips.
final class LimitKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let half: Int32
    private let low: Float
    private let high: Float

    private init(_ low: Double, _ high: Double, _ context: KernelContext) {
        let keepsZeros = low <= 0 && high >= 0
        let layout =
            context.isHalf(0) ? .bfloat16 : context.elementWiseLayout(keepsZeros: keepsZeros)
        (self.low, self.high) = (Float(low), Float(high))
        half = layout == .bfloat16 ? 1 : 0
        count = Int64(context.elementCount(layout))
        demands = KernelDemands(
            inputLayouts: [layout], outputLayouts: [layout], inPlace: [(0, 0)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        switch context.node.operation {
        case is Rectifier: LimitKernel(0, .infinity, context)
        case let clip as Clip: LimitKernel(clip.minimum, clip.maximum, context)
        default: nil
        }
    }

    func run(_ operands: Operands) {
        distill_limit(count, half, low, high, operands.inputs[0], operands.outputs[0])
    }
}

/// g, or the sum of two gradients, where low < y < high.
final class LimitGradientKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let half: Int32
    private let low: Float
    private let high: Float
    private let adds: Bool

    private init(_ low: Double, _ high: Double, adds: Bool = false, _ context: KernelContext) {
        let layout =
            context.isHalf(0) ? .bfloat16 : context.elementWiseLayout(keepsZeros: true)
        (self.low, self.high) = (Float(low), Float(high))
        self.adds = adds
        half = layout == .bfloat16 ? 1 : 0
        count = Int64(context.elementCount(layout))
        demands = KernelDemands(
            inputLayouts: context.inputs.map { _ in layout }, outputLayouts: [layout],
            inPlace: adds ? [(0, 1), (0, 2)] : [(0, 1)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        switch context.node.operation {
        case is RectifierGradient: LimitGradientKernel(0, .infinity, context)
        case let gradient as ClipGradient:
            LimitGradientKernel(gradient.clip.minimum, gradient.clip.maximum, context)
        case let sum as MaskedSum: LimitGradientKernel(0, sum.ceiling, adds: true, context)
        default: nil
        }
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        distill_limit_gradient(
            count, half, low, high, inputs[0], inputs[1], adds ? UnsafeRawPointer(inputs[2]) : nil,
            operands.outputs[0])
    }
}

/// The sum of two images in bfloat16.
final class ImageSumKernel: Kernel {
    let demands = KernelDemands(
        inputLayouts: [.bfloat16, .bfloat16], outputLayouts: [.bfloat16],
        inPlace: [(0, 0), (0, 1)])
    private let count: Int64

    private init(_ context: KernelContext) {
        count = Int64(context.outputShape.count)
    }

    /// Nil unless two images of one shape lie in bfloat16 and are added.
    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard (context.node.operation as? Binary)?.function == .add, context.isHalf(0),
            context.isHalf(1), context.shape(0) == context.shape(1)
        else { return nil }
        return ImageSumKernel(context)
    }

    func run(_ operands: Operands) {
        func halves(_ operand: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt16> {
            UnsafeMutableRawPointer(operand).assumingMemoryBound(to: UInt16.self)
        }
        distill_sum_bfloat(
            count, halves(operands.inputs[0]), halves(operands.inputs[1]),
            halves(operands.outputs[0]))
    }
}
