import CKernels
import Graphs
import Tensors

/// The rows along one axis of a tensor.
struct AxisRows {
    var beginnings: distill_grid
    let length: Int64
    let stride: Int64

    init(_ shape: Shape, axis: Int) {
        let axis = shape.front(axis: axis)
        beginnings = distill_grid(
            extents: shape.dimensions, order: shape.physicalAxes.filter { $0 != axis },
            strides: [shape.physicalStrides])
        length = Int64(shape[axis])
        stride = Int64(shape.physicalStrides[axis])
    }

    /// Rows that are not contiguous are gathered first.
    var scratchBytes: Int { stride == 1 ? 0 : Int(distill_rows_scratch(length)) }
}

/// Softmax or its logarithm along an axis.
final class SoftmaxKernel: Kernel {
    let demands: KernelDemands
    private var rows: AxisRows
    private let isLogarithm: Bool

    private init(_ shape: Shape, axis: Int, isLogarithm: Bool) {
        rows = AxisRows(shape, axis: axis)
        self.isLogarithm = isLogarithm
        demands = KernelDemands(inPlace: [(0, 0)], scratchBytes: rows.scratchBytes)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.outputShape
        guard shape.rank <= distill_grid.maximumRank else { return nil }
        switch context.node.operation {
        case let softmax as Softmax:
            return SoftmaxKernel(shape, axis: softmax.axis, isLogarithm: false)
        case let softmax as LogSoftmax:
            return SoftmaxKernel(shape, axis: softmax.axis, isLogarithm: true)
        default: return nil
        }
    }

    func run(_ operands: Operands) {
        distill_softmax(
            isLogarithm ? 1 : 0, &rows.beginnings, rows.length, rows.stride, operands.inputs[0],
            operands.outputs[0], operands.scratch)
    }
}

/// The gradient of a softmax, from its result and the result's gradient.
final class SoftmaxGradientKernel: Kernel {
    let demands: KernelDemands
    private var rows: AxisRows
    private let isLogarithm: Bool

    private init(_ shape: Shape, axis: Int, isLogarithm: Bool) {
        rows = AxisRows(shape, axis: axis)
        self.isLogarithm = isLogarithm
        demands = KernelDemands(inPlace: [(0, 1), (0, 0)], scratchBytes: rows.scratchBytes)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let shape = context.outputShape
        guard shape.rank <= distill_grid.maximumRank else { return nil }
        switch context.node.operation {
        case let softmax as SoftmaxGradient:
            return SoftmaxGradientKernel(shape, axis: softmax.axis, isLogarithm: false)
        case let softmax as LogSoftmaxGradient:
            return SoftmaxGradientKernel(shape, axis: softmax.axis, isLogarithm: true)
        default: return nil
        }
    }

    func run(_ operands: Operands) {
        distill_softmax_gradient(
            isLogarithm ? 1 : 0, &rows.beginnings, rows.length, rows.stride, operands.inputs[0],
            operands.inputs[1], operands.outputs[0], operands.scratch)
    }
}
