import CKernels
import Graphs
import Tensors

/// Pooling and its gradients.
final class PoolKernel: Kernel {
    private enum Function {
        case maximum, maximumGradient, average, averageGradient
    }

    let demands: KernelDemands
    private let function: Function
    private let half: Int32
    private var window: distill_window
    private let countsPadding: Int32

    private init(
        _ function: Function, _ geometry: PoolingWindow, x: Shape, y: Shape,
        countsPadding: Bool = false, half: Bool = false
    ) {
        self.function = function
        self.half = half ? 1 : 0
        self.countsPadding = countsPadding ? 1 : 0
        window = distill_window(geometry, x: x, y: y)
        let image: Layout = half ? .bfloat16 : .standard
        demands = KernelDemands(
            inputLayouts: Self.readsTwo(function) ? [image, image] : [image],
            outputLayouts: [image],
            scratchBytes: function == .maximumGradient
                ? Int(distill_maximum_pool_gradient_scratch(&window)) : 0)
    }

    private static func readsTwo(_ function: Function) -> Bool {
        function == .maximumGradient || function == .averageGradient
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let y = context.outputShape
        switch context.node.operation {
        case let pool as MaximumPool:
            return PoolKernel(
                .maximum, pool.geometry, x: context.shape(0), y: y, half: context.isHalf(0))
        case let gradient as MaximumPoolGradient
        where gradient.pool.geometry.window.reduce(1, *) <= 1 << 16:
            return PoolKernel(
                .maximumGradient, gradient.pool.geometry, x: y, y: context.shape(1),
                half: context.isHalf(0))
        case let pool as AveragePool:
            return PoolKernel(
                .average, pool.geometry, x: context.shape(0), y: y,
                countsPadding: pool.countsPadding)
        case let gradient as AveragePoolGradient:
            return PoolKernel(
                .averageGradient, gradient.pool.geometry, x: y, y: context.shape(0),
                countsPadding: gradient.pool.countsPadding)
        default: return nil
        }
    }

    func run(_ operands: Operands) {
        let input = operands.inputs[0]
        let output = operands.outputs[0]
        switch function {
        case .maximum: distill_maximum_pool(&window, half, input, output)
        case .maximumGradient:
            distill_maximum_pool_gradient(
                &window, half, input, operands.inputs[1], output, operands.scratch)
        case .average: distill_average_pool(&window, countsPadding, input, output)
        case .averageGradient:
            distill_average_pool_gradient(&window, countsPadding, input, output)
        }
    }
}

extension distill_window {
    /// The extents of a window that slides over x and gives y.
    init(_ geometry: PoolingWindow, x: Shape, y: Shape) {
        self.init(
            batch: Int64(x[0]), channels: Int64(x[1]), height: Int64(x[2]), width: Int64(x[3]),
            out_height: Int64(y[2]), out_width: Int64(y[3]),
            window: (Int64(geometry.window[0]), Int64(geometry.window[1])),
            stride: (Int64(geometry.strides[0]), Int64(geometry.strides[1])),
            pad_top: Int64(geometry.padding.top), pad_left: Int64(geometry.padding.left),
            pad_bottom: Int64(geometry.padding.bottom), pad_right: Int64(geometry.padding.right))
    }
}

/// Resizing of images and its gradient.
final class ResizeKernel: Kernel {
    let demands = KernelDemands()
    private let isGradient: Bool
    private let image: Shape
    private let result: Shape
    private let rows: [distill_tap]
    private let columns: [distill_tap]

    private init(_ resize: Resize, image: Shape, result: Shape, isGradient: Bool) {
        self.image = image
        self.result = result
        self.isGradient = isGradient
        rows = Self.taps(resize, axis: 2, image, result)
        columns = Self.taps(resize, axis: 3, image, result)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        switch context.node.operation {
        case let resize as Resize:
            return ResizeKernel(
                resize, image: context.shape(0), result: context.outputShape, isGradient: false)
        case let gradient as ResizeGradient:
            return ResizeKernel(
                gradient.resize, image: context.outputShape, result: context.shape(0),
                isGradient: true)
        default: return nil
        }
    }

    /// Which cells each cell of the result reads along an axis.
    private static func taps(
        _ resize: Resize, axis: Int, _ image: Shape, _ result: Shape
    ) -> [distill_tap] {
        let extent = image[axis]
        let step =
            switch resize.target {
            case .size: Double(extent) / Double(result[axis])
            case .scale(let height, let width): 1 / (axis == 2 ? height : width)
            }
        return (0..<result[axis]).map { index in
            switch resize.mode {
            case .nearest:
                let source = Int64(min(Int((Double(index) * step).rounded(.down)), extent - 1))
                return distill_tap(low: source, high: source, share: 0)
            case .bilinear:
                let centre = max((Double(index) + 0.5) * step - 0.5, 0)
                let low = min(Int(centre), extent - 1)
                return distill_tap(
                    low: Int64(low), high: Int64(min(low + 1, extent - 1)),
                    share: Float(centre - Double(low)))
            }
        }
    }

    func run(_ operands: Operands) {
        let batch = Int64(image[0])
        let channels = Int64(image[1])
        let call = isGradient ? distill_resize_gradient : distill_resize
        call(
            batch, Int64(image[2]), Int64(image[3]), channels, Int64(result[2]), Int64(result[3]),
            rows, columns, operands.inputs[0], operands.outputs[0])
    }
}

/// Picks rows by index, and adds gradients back to them.
final class GatherKernel: Kernel {
    let demands = KernelDemands()
    private let name: String
    private let isGradient: Bool
    private let outer: Int
    private let extent: Int
    private let inner: Int
    private let count: Int

    private init(_ context: KernelContext, _ shape: Shape, axis: Int, isGradient: Bool) {
        let axis = shape.front(axis: axis)
        name = context.node.name
        outer = shape.dimensions[..<axis].reduce(1, *)
        extent = shape[axis]
        inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        count = context.shape(1).count
        self.isGradient = isGradient
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        let whole: Shape
        let part: Shape
        let axis: Int
        switch context.node.operation {
        case let gather as Gather:
            (whole, part, axis) = (context.shape(0), context.outputShape, gather.axis)
        case let gradient as GatherGradient:
            (whole, part, axis) = (context.outputShape, context.shape(0), gradient.axis)
        default: return nil
        }
        let plain = [whole, part, context.shape(1)].allSatisfy(\.isPhysicallyRowMajor)
        guard plain else { return nil }
        return GatherKernel(
            context, whole, axis: axis, isGradient: context.node.operation is GatherGradient)
    }

    func run(_ operands: Operands) throws {
        let call = isGradient ? distill_gather_gradient : distill_gather
        let bad = call(
            Int64(outer), Int64(extent), Int64(inner), Int64(count), operands.inputs[0],
            operands.inputs[1], operands.outputs[0])
        guard bad < 0 else {
            throw ExecutionError(
                .value, name: name,
                "index \(operands.inputs[1][Int(bad)]) is outside an axis of extent \(extent)")
        }
    }
}
