import COneDNN
import Graphs
import Tensors

/// A convolution or one of its gradients on oneDNN.
final class ConvolutionPrimitive {
    private let handle: OpaquePointer
    private let engine: Engine
    let weights: WeightLayout
    /// Whether images and their gradients are bfloat16.
    let half: Bool
    let scratchBytes: Int
    let implementation: String

    /// - Parameter weights: the layout of the weights, or nil for the primitive's own choice.
    init(
        _ engine: Engine, _ options: distill_convolution_options, weights: WeightLayout? = nil
    ) throws {
        var handle: OpaquePointer?
        let status = withUnsafePointer(to: options) {
            distill_convolution_create(&handle, engine.handle, $0, weights?.handle)
        }
        guard status == 0, let handle, let layout = distill_convolution_weights(handle) else {
            let shape = options.shape
            throw Engine.failure(
                status,
                "no convolution of [\(shape.batch), \(shape.inputs), \(shape.height), "
                    + "\(shape.width)] to \(shape.outputs) channels by "
                    + "\(shape.kernel.0) x \(shape.kernel.1)")
        }
        self.handle = handle
        self.engine = engine
        half = options.half != 0
        self.weights = try WeightLayout(copying: layout, options.shape)
        scratchBytes = distill_convolution_scratch(handle)
        implementation = String(cString: distill_convolution_implementation(handle))
    }

    /// The primitive that works on weights as they lie if that is as fast, or else one with its own layout.
    static func accepting(
        _ layout: WeightLayout?, _ engine: Engine, _ options: distill_convolution_options
    ) throws -> ConvolutionPrimitive {
        let free = try ConvolutionPrimitive(engine, options)
        guard let layout, layout != free.weights else { return free }
        let bound = try? ConvolutionPrimitive(engine, options, weights: layout)
        return bound.flatMap { $0.implementation == free.implementation ? $0 : nil } ?? free
    }

    deinit { distill_convolution_destroy(handle) }

    func run(
        image: UnsafeMutablePointer<Float>, weights: UnsafeMutableRawPointer,
        bias: UnsafeMutablePointer<Float>?, result: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutableRawPointer
    ) throws {
        let status = distill_convolution_run(handle, image, weights, bias, result, scratch)
        guard status == 0 else { throw Engine.failure(status, "a convolution failed") }
    }
}

extension distill_convolution_options {
    /// Whether a network is only run forwards, so that weights hardly change, images are bfloat16 and the processor
    /// multiplies pairs of these.
    var isFrozenHalf: Bool {
        kind == Int32(DISTILL_FORWARD_INFERENCE.rawValue) && half != 0 && shape.groups == 1
            && Processor.hasBFloat16
    }
}

extension distill_convolution_shape {
    /// The extents of a convolution of x by a weight to y.
    init(_ convolution: Convolution, x: Shape, weight: Shape, y: Shape) {
        func pair(_ first: Int, _ second: Int) -> (Int64, Int64) { (Int64(first), Int64(second)) }
        // What the window does not reach beyond the stride's last step is no padding.
        let reach = (0..<2).map { axis in
            (y[axis + 2] - 1) * convolution.strides[axis]
                + (weight[axis + 2] - 1) * convolution.dilations[axis] + 1
        }
        self.init(
            batch: Int64(x[0]), inputs: Int64(x[1]), outputs: Int64(y[1]),
            groups: Int64(convolution.groups), height: Int64(x[2]), width: Int64(x[3]),
            out_height: Int64(y[2]), out_width: Int64(y[3]), kernel: pair(weight[2], weight[3]),
            stride: pair(convolution.strides[0], convolution.strides[1]),
            dilation: pair(convolution.dilations[0], convolution.dilations[1]),
            pad_top: Int64(convolution.padding.top), pad_left: Int64(convolution.padding.left),
            pad_bottom: Int64(reach[0] - x[2] - convolution.padding.top),
            pad_right: Int64(reach[1] - x[3] - convolution.padding.left))
    }
}
