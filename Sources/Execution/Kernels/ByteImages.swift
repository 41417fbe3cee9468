import CKernels
import Graphs
import Tensors

/// Moves images between float32 and bytes.
final class ByteConversionKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let scale: ByteScale
    private let narrows: Bool

    init(_ shape: Shape, _ scale: ByteScale, narrows: Bool) {
        count = Int64(shape.count)
        self.scale = scale
        self.narrows = narrows
        demands = KernelDemands(
            inputLayouts: [narrows ? .standard : .bytes(scale)],
            outputLayouts: [narrows ? .bytes(scale) : .standard])
    }

    func run(_ operands: Operands) {
        let isUnsigned: Int32 = scale.isUnsigned ? 1 : 0
        if narrows {
            distill_floats_to_bytes(
                count, isUnsigned, scale.scale, operands.inputs[0], bytes(operands.outputs[0]))
        } else {
            distill_bytes_to_floats(
                count, isUnsigned, scale.scale, bytes(operands.inputs[0]), operands.outputs[0])
        }
    }
}

/// The greatest byte of each window.
final class BytePoolKernel: Kernel {
    let demands: KernelDemands
    private var window: distill_window
    private let isUnsigned: Bool

    private init(_ window: distill_window, _ scale: ByteScale) {
        self.window = window
        isUnsigned = scale.isUnsigned
        demands = KernelDemands(inputLayouts: [.bytes(scale)], outputLayouts: [.bytes(scale)])
    }

    /// Nil where the result is not to be bytes.
    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let pool = context.node.operation as? MaximumPool, let scale = context.outputScale,
            context.bytes?.isQuantized(context.node) == true, context.outputShape.count > 0
        else { return nil }
        return BytePoolKernel(
            distill_window(pool.geometry, x: context.shape(0), y: context.outputShape), scale)
    }

    func run(_ operands: Operands) {
        distill_maximum_pool_bytes(
            &window, isUnsigned ? 1 : 0, bytes(operands.inputs[0]), bytes(operands.outputs[0]))
    }
}

/// Joins the channels of images of bytes.
final class ByteJoinKernel: Kernel {
    let demands: KernelDemands
    private let cells: Int64
    private let channels: [Int64]

    private init(_ context: KernelContext, _ scale: ByteScale) {
        let shape = context.outputShape
        cells = Int64(shape[0] * shape[2] * shape[3])
        channels = context.inputs.map { Int64($0.shape[1]) }
        demands = KernelDemands(
            inputLayouts: context.inputs.map { _ in .bytes(scale) }, outputLayouts: [.bytes(scale)])
    }

    /// Nil where the result is not to be bytes.
    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard context.outputShape.count > 0, let scale = context.outputScale,
            context.bytes?.isQuantized(context.node) == true
        else { return nil }
        return ByteJoinKernel(context, scale)
    }

    func run(_ operands: Operands) {
        var first = 0
        let stride = channels.reduce(0, +)
        for (index, width) in channels.enumerated() where width > 0 {
            distill_spread_rows(
                cells, width, stride, bytes(operands.inputs[index]),
                bytes(operands.outputs[0]) + first)
            first += Int(width)
        }
    }
}

/// An operand as bytes.
private func bytes(_ operand: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(operand).assumingMemoryBound(to: UInt8.self)
}
