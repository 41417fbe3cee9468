import CKernels
import Graphs
import Tensors

/// An element-wise function of one tensor.
final class UnaryKernel: Kernel {
    let demands: KernelDemands
    private let function: Int32
    private let count: Int64

    private init(_ function: distill_unary_function, _ context: KernelContext, keepsZeros: Bool) {
        let layout = context.elementWiseLayout(keepsZeros: keepsZeros)
        self.function = Int32(function.rawValue)
        count = Int64(context.elementCount(layout))
        demands = KernelDemands(
            inputLayouts: [layout], outputLayouts: [layout], inPlace: [(0, 0)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let unary = context.node.operation as? Unary else { return nil }
        let (function, keepsZeros): (distill_unary_function, Bool) =
            switch unary.function {
            case .negate: (DISTILL_NEGATE, true)
            case .exp: (DISTILL_EXPONENTIAL, false)
            case .logarithm: (DISTILL_LOGARITHM, false)
            case .squareRoot: (DISTILL_SQUARE_ROOT, true)
            case .reciprocal: (DISTILL_RECIPROCAL, false)
            case .absolute: (DISTILL_ABSOLUTE, true)
            case .square: (DISTILL_SQUARE, true)
            case .tanh: (DISTILL_TANH, true)
            case .sigmoid: (DISTILL_SIGMOID, false)
            case .step: (DISTILL_STEP, true)
            case .sign: (DISTILL_SIGN, true)
            case .softplus: (DISTILL_SOFTPLUS, false)
            case .erf: (DISTILL_ERF, true)
            case .gelu: (DISTILL_GELU, true)
            case .silu: (DISTILL_SILU, true)
            case .hardSigmoid: (DISTILL_HARD_SIGMOID, false)
            case .hardSwish: (DISTILL_HARD_SWISH, true)
            }
        return UnaryKernel(function, context, keepsZeros: keepsZeros)
    }

    func run(_ operands: Operands) {
        distill_unary(function, count, operands.inputs[0], operands.outputs[0])
    }
}

/// scale * x + offset.
final class AffineKernel: Kernel {
    let demands: KernelDemands
    private let scale: Float
    private let offset: Float
    private let count: Int64

    private init(_ affine: Affine, _ context: KernelContext) {
        let layout = context.elementWiseLayout(keepsZeros: affine.offset == 0)
        scale = Float(affine.scale)
        offset = Float(affine.offset)
        count = Int64(context.elementCount(layout))
        demands = KernelDemands(
            inputLayouts: [layout], outputLayouts: [layout], inPlace: [(0, 0)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        (context.node.operation as? Affine).map { AffineKernel($0, context) }
    }

    func run(_ operands: Operands) {
        distill_affine(count, scale, offset, operands.inputs[0], operands.outputs[0])
    }
}

/// An element-wise function of two tensors with broadcasting.
final class BinaryKernel: Kernel {
    let demands: KernelDemands
    private let function: Int32
    private var grid: distill_grid

    private init(
        _ function: distill_binary_function, _ context: KernelContext, keepsZeros: Bool
    ) {
        self.function = Int32(function.rawValue)
        let layout = context.elementWiseLayout(keepsZeros: keepsZeros)
        let shape = context.outputShape
        switch layout {
        case .standard, .bfloat16, .bytes, .prepared:
            grid = distill_grid(
                shape,
                strides: [shape.physicalStrides]
                    + [0, 1].map {
                        context.shape($0).physicalStrides(broadcastTo: shape)
                    })
        case .weights:
            grid = distill_grid(
                extents: [context.elementCount(layout)], order: [0],
                strides: [[1]] + [0, 1].map { [context.shape($0) == shape ? 1 : 0] })
        }
        demands = KernelDemands(
            inputLayouts: context.inputLayouts(layout), outputLayouts: [layout],
            inPlace: [0, 1].filter { context.shape($0) == shape }.map { (0, $0) })
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        if let sum = ImageSumKernel.make(context) { return sum }
        guard context.outputShape.rank <= distill_grid.maximumRank,
            let binary = context.node.operation as? Binary
        else { return nil }
        let (function, keepsZeros): (distill_binary_function, Bool) =
            switch binary.function {
            case .add: (DISTILL_ADD, context.shape(0) == context.shape(1))
            case .subtract: (DISTILL_SUBTRACT, context.shape(0) == context.shape(1))
            case .multiply: (DISTILL_MULTIPLY, true)
            case .divide: (DISTILL_DIVIDE, context.shape(0) != context.shape(1))
            case .maximum: (DISTILL_MAXIMUM, context.shape(0) == context.shape(1))
            case .minimum: (DISTILL_MINIMUM, context.shape(0) == context.shape(1))
            case .power: (DISTILL_POWER, false)
            case .greater: (DISTILL_GREATER, context.shape(0) == context.shape(1))
            case .equal: (DISTILL_EQUAL, false)
            }
        return BinaryKernel(function, context, keepsZeros: keepsZeros)
    }

    func run(_ operands: Operands) {
        distill_binary(
            function, &grid, operands.outputs[0], operands.inputs[0], operands.inputs[1])
    }
}

/// condition != 0 ? a : b, with broadcasting.
final class SelectKernel: Kernel {
    let demands: KernelDemands
    private var grid: distill_grid

    private init(_ context: KernelContext) {
        let shape = context.outputShape
        grid = distill_grid(
            shape,
            strides: [shape.physicalStrides]
                + (0..<3).map { context.shape($0).physicalStrides(broadcastTo: shape) })
        demands = KernelDemands(
            inPlace: (0..<3).filter { context.shape($0) == shape }.map { (0, $0) })
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        context.outputShape.rank <= distill_grid.maximumRank ? SelectKernel(context) : nil
    }

    func run(_ operands: Operands) {
        distill_select(
            &grid, operands.outputs[0], operands.inputs[0], operands.inputs[1], operands.inputs[2])
    }
}
