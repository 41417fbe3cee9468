import CKernels
import Graphs
import Tensors

/// The identity: the output is the input's memory.
final class AliasKernel: Kernel {
    let demands: KernelDemands

    private init(_ layout: Layout) {
        demands = KernelDemands(inputLayouts: [layout], outputLayouts: [layout], isAlias: true)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        AliasKernel(context.inputLayouts[0])
    }

    /// The identity of what lies in standard order.
    static let standard: @Sendable () -> AliasKernel = { AliasKernel(.standard) }

    func run(_ operands: Operands) {}
}

/// Copies of regions between tensors: permutes, broadcasts, cuts, joins and pads.
final class CopyKernel: Kernel {
    /// One region: where it begins in the result and in which input.
    struct Part {
        var grid: distill_grid
        var input = 0
        var inputOffset = 0
        var outputOffset = 0
    }

    let demands = KernelDemands()
    private var parts: [Part]
    /// What fills the result before the parts are copied: the value and the number of elements.
    private let filling: (value: Float, count: Int)?

    init(_ parts: [Part], filling: (value: Float, count: Int)? = nil) {
        self.parts = parts
        self.filling = filling
    }

    func run(_ operands: Operands) {
        if let filling {
            distill_fill(Int64(filling.count), filling.value, operands.outputs[0])
        }
        parts.withUnsafeMutableBufferPointer { parts in
            for index in parts.indices {
                distill_copy(
                    &parts[index].grid, operands.outputs[0] + parts[index].outputOffset,
                    operands.inputs[parts[index].input] + parts[index].inputOffset)
            }
        }
    }

    private static func covers(_ context: KernelContext) -> Bool {
        context.outputShape.rank <= distill_grid.maximumRank
    }

    static func transpose(_ context: KernelContext) -> (any Kernel)? {
        guard let operation = context.node.operation as? Transpose, covers(context) else {
            return nil
        }
        let source = context.shape(0).physicalStrides
        let shape = context.outputShape
        let grid = distill_grid(
            shape,
            strides: [shape.physicalStrides, operation.permutation.map { source[$0] }])
        return CopyKernel([Part(grid: grid)])
    }

    static func broadcast(_ context: KernelContext) -> (any Kernel)? {
        guard covers(context) else { return nil }
        let shape = context.outputShape
        if context.shape(0) == shape { return AliasKernel.standard() }
        let grid = distill_grid(
            shape,
            strides: [
                shape.physicalStrides, context.shape(0).physicalStrides(broadcastTo: shape),
            ])
        return CopyKernel([Part(grid: grid)])
    }

    /// A region of `extents` that begins at `start` in one of two tensors and fills the other.
    private static func region(
        _ extents: Shape, result: Shape, source: Shape, start: [Int], inResult: Bool, input: Int = 0
    ) -> Part {
        let whole = inResult ? result : source
        let offset = zip(start, whole.physicalStrides).reduce(0) { $0 + $1.0 * $1.1 }
        return Part(
            grid: distill_grid(
                extents, strides: [result.physicalStrides, source.physicalStrides]),
            input: input, inputOffset: inResult ? 0 : offset, outputOffset: inResult ? offset : 0)
    }

    private static func start(_ first: Int, axis: Int, rank: Int) -> [Int] {
        (0..<rank).map { $0 == axis ? first : 0 }
    }

    static func slice(_ context: KernelContext) -> (any Kernel)? {
        guard let slice = context.node.operation as? Slice, covers(context) else { return nil }
        let source = context.shape(0)
        let shape = context.outputShape
        let axis = source.front(axis: slice.axis)
        let first = slice.start < 0 ? slice.start + source[axis] : slice.start
        return CopyKernel([
            region(
                shape, result: shape, source: source,
                start: start(first, axis: axis, rank: shape.rank), inResult: false)
        ])
    }

    static func sliceGradient(_ context: KernelContext) -> (any Kernel)? {
        guard let slice = context.node.operation as? SliceGradient, covers(context) else {
            return nil
        }
        let shape = context.outputShape
        let axis = shape.front(axis: slice.axis)
        let first = slice.start < 0 ? slice.start + shape[axis] : slice.start
        let part = region(
            context.shape(0), result: shape, source: context.shape(0),
            start: start(first, axis: axis, rank: shape.rank), inResult: true)
        return CopyKernel([part], filling: (0, shape.count))
    }

    static func pad(_ context: KernelContext) -> (any Kernel)? {
        guard let pad = context.node.operation as? Pad, covers(context),
            (pad.before + pad.after).allSatisfy({ $0 >= 0 })
        else { return nil }
        let part = region(
            context.shape(0), result: context.outputShape, source: context.shape(0),
            start: pad.before, inResult: true)
        return CopyKernel([part], filling: (Float(pad.value), context.outputShape.count))
    }

    static func padGradient(_ context: KernelContext) -> (any Kernel)? {
        guard let pad = context.node.operation as? PadGradient, covers(context),
            pad.before.allSatisfy({ $0 >= 0 })
        else { return nil }
        return CopyKernel([
            region(
                context.outputShape, result: context.outputShape, source: context.shape(0),
                start: pad.before, inResult: false)
        ])
    }

    static func concatenate(_ context: KernelContext) -> (any Kernel)? {
        guard let joined = context.node.operation as? Concatenate, covers(context) else {
            return nil
        }
        let shape = context.outputShape
        let axis = shape.front(axis: joined.axis)
        var first = 0
        var parts: [Part] = []
        for input in context.inputs.indices where context.shape(input).count > 0 {
            let source = context.shape(input)
            parts.append(
                region(
                    source, result: shape, source: source,
                    start: start(first, axis: axis, rank: shape.rank), inResult: true, input: input)
            )
            first += source[axis]
        }
        return CopyKernel(parts)
    }

    static func concatenateGradient(_ context: KernelContext) -> (any Kernel)? {
        guard let joined = context.node.operation as? ConcatenateGradient, covers(context) else {
            return nil
        }
        let shape = context.outputShape
        let axis = shape.front(axis: joined.axis)
        let first = context.inputs[1..<(context.inputs.count - 1)].reduce(0) {
            $0 + $1.shape[axis]
        }
        return CopyKernel([
            region(
                shape, result: shape, source: context.shape(0),
                start: start(first, axis: axis, rank: shape.rank), inResult: false)
        ])
    }
}

/// The same elements in row-major order under another shape.
final class ReshapeKernel: Kernel {
    let demands: KernelDemands
    /// To row-major order, then from it; either is absent where the order in memory is row-major already.
    private var copies: [distill_grid]

    private init(_ source: Shape, _ target: Shape) {
        copies = []
        if !source.isPhysicallyRowMajor { copies.append(PhysicalCopy.toRowMajor(source)) }
        if !target.isPhysicallyRowMajor { copies.append(PhysicalCopy.fromRowMajor(target)) }
        demands = KernelDemands(
            scratchBytes: copies.count == 2 ? source.count * MemoryLayout<Float>.stride : 0)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let source = context.shape(0)
        let target = context.outputShape
        if source == target || source.isPhysicallyRowMajor && target.isPhysicallyRowMajor {
            return AliasKernel.standard()
        }
        let widest = max(source.rank, target.rank)
        return widest <= distill_grid.maximumRank ? ReshapeKernel(source, target) : nil
    }

    func run(_ operands: Operands) {
        let between = operands.scratch.assumingMemoryBound(to: Float.self)
        copies.withUnsafeMutableBufferPointer { copies in
            if copies.count == 1 {
                distill_copy(&copies[0], operands.outputs[0], operands.inputs[0])
            } else {
                distill_copy(&copies[0], between, operands.inputs[0])
                distill_copy(&copies[1], operands.outputs[0], between)
            }
        }
    }
}
