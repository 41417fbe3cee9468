import CKernels
import Graphs
import Tensors

/// Sums, means and extremes over axes.
final class ReduceKernel: Kernel {
    let demands: KernelDemands
    private let function: Int32
    private let scale: Float
    private var reduction: distill_reduction

    /// - Parameter outputStrides: for each axis of the input its stride in the result, nil where it is reduced.
    private init(
        _ function: distill_reduction_function, mean: Bool, _ shape: Shape, outputStrides: [Int?]
    ) {
        let axes = shape.physicalAxes
        let kept = axes.filter { outputStrides[$0] != nil }
        let reduced = axes.filter { outputStrides[$0] == nil }
        let strides = shape.physicalStrides
        reduction = distill_reduction(
            kept: distill_grid(
                extents: shape.dimensions, order: kept,
                strides: [outputStrides.map { $0 ?? 0 }, strides]),
            reduced: distill_grid(
                extents: shape.dimensions, order: reduced, strides: [strides]))
        self.function = Int32(function.rawValue)
        let count = reduced.reduce(1) { $0 * shape[$1] }
        scale = mean ? 1 / Float(count) : 1
        demands = KernelDemands(scratchBytes: Int(distill_reduce_scratch(&reduction)))
    }

    static func reduce(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.shape(0)
        guard let operation = context.node.operation as? Reduce,
            shape.rank <= distill_grid.maximumRank, shape.count > 0
        else { return nil }
        let gone = operation.reducedAxes(of: shape)
        var strides = context.outputShape.physicalStrides[...]
        let outputStrides: [Int?] = (0..<shape.rank).map { axis in
            guard gone.contains(axis) else { return strides.removeFirst() }
            if operation.keepDimensions { strides.removeFirst() }
            return nil
        }
        let function: distill_reduction_function =
            switch operation.function {
            case .sum, .mean: DISTILL_REDUCE_SUM
            case .maximum: DISTILL_REDUCE_MAXIMUM
            case .minimum: DISTILL_REDUCE_MINIMUM
            }
        return ReduceKernel(
            function, mean: operation.function == .mean, shape, outputStrides: outputStrides)
    }

    static func reduceLike(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.shape(0)
        let target = context.outputShape
        guard shape.rank <= distill_grid.maximumRank, shape.count > 0 else { return nil }
        if shape == target { return AliasKernel.standard() }
        let missing = shape.rank - target.rank
        let strides = target.physicalStrides
        let outputStrides: [Int?] = (0..<shape.rank).map { axis in
            axis < missing || target[axis - missing] == 1 && shape[axis] != 1
                ? nil : strides[axis - missing]
        }
        return ReduceKernel(DISTILL_REDUCE_SUM, mean: false, shape, outputStrides: outputStrides)
    }

    func run(_ operands: Operands) {
        distill_reduce(
            function, &reduction, scale, operands.inputs[0], operands.outputs[0], operands.scratch)
    }
}

/// The gradient of a mean: a broadcast times one over the count.
final class ScaledBroadcastKernel: Kernel {
    let demands = KernelDemands()
    private var grid: distill_grid
    private var scale: Float

    private init(_ grid: distill_grid, scale: Float) {
        self.grid = grid
        self.scale = scale
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.outputShape
        guard let operation = context.node.operation as? ReduceMeanGradient,
            shape.rank <= distill_grid.maximumRank, shape.count > 0
        else { return nil }
        let gone = Reduce(.mean, axes: operation.axes).reducedAxes(of: shape)
        var strides = context.shape(0).physicalStrides[...]
        let source: [Int] = (0..<shape.rank).map { axis in
            guard gone.contains(axis) else { return strides.removeFirst() }
            if operation.keepDimensions { strides.removeFirst() }
            return 0
        }
        let grid = distill_grid(
            shape,
            strides: [shape.physicalStrides, source, [Int](repeating: 0, count: shape.rank)])
        let scale = Float(Double(context.shape(0).count) / Double(shape.count))
        return ScaledBroadcastKernel(grid, scale: scale)
    }

    func run(_ operands: Operands) {
        distill_binary(
            Int32(DISTILL_MULTIPLY.rawValue), &grid, operands.outputs[0], operands.inputs[0], &scale
        )
    }
}

/// The place of the first maximum along an axis.
final class ArgMaxKernel: Kernel {
    let demands = KernelDemands()
    private var rows: distill_grid
    private let length: Int64
    private let stride: Int64

    private init(_ shape: Shape, axis: Int, outputStrides: [Int]) {
        rows = distill_grid(
            extents: shape.dimensions, order: shape.physicalAxes.filter { $0 != axis },
            strides: [outputStrides, shape.physicalStrides])
        length = Int64(shape[axis])
        stride = Int64(shape.physicalStrides[axis])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.shape(0)
        guard let operation = context.node.operation as? ArgMax,
            shape.rank <= distill_grid.maximumRank
        else { return nil }
        let axis = shape.front(axis: operation.axis)
        var strides = context.outputShape.physicalStrides
        if !operation.keepDimensions { strides.insert(0, at: axis) }
        return ArgMaxKernel(shape, axis: axis, outputStrides: strides)
    }

    func run(_ operands: Operands) {
        distill_argmax(&rows, length, stride, operands.inputs[0], operands.outputs[0])
    }
}
