import CKernels
import COneDNN
import Foundation
import Graphs
import Tensors

/// A convolution of bytes with what may follow it: a bias, a residual, a rectifier, and rounding to bytes again.
///
/// ```
/// y = rectify(x_scale w_scale[channel] sum(x w) + bias[channel] + residual_scale residual) / y_scale
/// ```
/// A result that no convolution of bytes reads is written as float32, and its residual is float32 too.
final class ByteConvolutionKernel: Kernel {
    let demands: KernelDemands
    var implementation: String { primitive.implementation }
    private let engine: Engine
    private let options: distill_quantized_options
    /// `x_scale / y_scale`, and `1 / y_scale`.
    private let sumScale: Float
    private let biasScale: Float
    private let epilogue: ConvolutionEpilogue
    /// Where the scales of the channels begin behind the weights.
    private let scalesOffset: Int
    private var primitive: BytePrimitive
    private var weightScales: [Float]
    private var scales: [Float]
    private var bias: [Float]

    private init(
        _ context: KernelContext, _ plain: distill_convolution_options,
        _ options: distill_quantized_options, x: ByteScale, y: ByteScale?
    ) throws {
        self.options = options
        engine = context.engine
        let outputs = Int(options.shape.outputs)
        weightScales = []
        scales = [Float](repeating: 1, count: outputs)
        bias = scales
        primitive = try BytePrimitive(engine, options, scales)
        sumScale = x.scale / (y?.scale ?? 1)
        biasScale = 1 / (y?.scale ?? 1)
        scalesOffset = primitive.weights.byteCount.roundedUpToLine
        epilogue = ConvolutionEpilogue(
            plain, context, width: y == nil ? MemoryLayout<Float>.stride : 1)
        demands = epilogue.demands(
            image: .bytes(x),
            weights: .prepared(WeightForm(ByteWeights(layout: primitive.weights))),
            result: y.map { .bytes($0) } ?? .standard,
            residual: epilogue.adds ? ByteConvolutionKernel.residualLayout(context, y: y) : nil,
            scratchBytes: primitive.scratchBytes)
    }

    /// Nil where the convolution is not one of bytes.
    static func make(
        _ context: KernelContext, _ plain: distill_convolution_options
    ) throws -> ByteConvolutionKernel? {
        guard let bytes = context.bytes, bytes.isQuantized(context.node),
            let x = context.scale(ofInput: 0)
        else { return nil }
        let y = context.outputScale
        var options = distill_quantized_options(
            shape: plain.shape, has_bias: plain.has_bias, adds_output: plain.adds_output,
            rectifies: plain.rectifies, image: element(x), result: element(y),
            residual: element(nil), residual_scale: 1)
        if plain.adds_output != 0,
            case .bytes(let residual) = residualLayout(context, y: y), let y
        {
            options.residual = element(residual)
            options.residual_scale = residual.scale / y.scale
        }
        return try ByteConvolutionKernel(context, plain, options, x: x, y: y)
    }

    /// A residual has elements as wide as the result's, in whose memory it is added.
    private static func residualLayout(_ context: KernelContext, y: ByteScale?) -> Layout {
        guard let y else { return .standard }
        return .bytes(context.scale(ofInput: 3) ?? y)
    }

    private static func element(_ scale: ByteScale?) -> Int32 {
        guard let scale else { return Int32(DISTILL_NO_BYTE.rawValue) }
        return Int32((scale.isUnsigned ? DISTILL_UNSIGNED_BYTE : DISTILL_SIGNED_BYTE).rawValue)
    }

    func run(_ operands: Operands) throws {
        epilogue.placeResidual(operands)
        let found = (UnsafeRawPointer(operands.inputs[1]) + scalesOffset)
            .assumingMemoryBound(to: Float.self)
        try adopt(UnsafeBufferPointer(start: found, count: scales.count))
        if let given = epilogue.bias(operands) {
            let isScaled = distill_quantized_bias_is_scaled() != 0
            for channel in bias.indices {
                let value = given[channel] * biasScale
                bias[channel] = isScaled ? value / scales[channel] : value
            }
        }
        try bias.withUnsafeBufferPointer { bias in
            try scales.withUnsafeBufferPointer { scales in
                try primitive.run(
                    image: operands.inputs[0], weights: operands.inputs[1],
                    bias: bias.baseAddress, scales: scales.baseAddress,
                    result: operands.outputs[0], scratch: operands.scratch)
            }
        }
    }

    /// Makes the primitive anew where the weights have changed, and with them their scales.
    private func adopt(_ found: UnsafeBufferPointer<Float>) throws {
        guard !weightScales.elementsEqual(found) else { return }
        weightScales = Array(found)
        for channel in scales.indices { scales[channel] = weightScales[channel] * sumScale }
        primitive = try BytePrimitive(engine, options, scales)
    }
}

/// A convolution of bytes on oneDNN.
private final class BytePrimitive {
    private let handle: OpaquePointer
    private let engine: Engine
    let weights: WeightLayout
    let scratchBytes: Int
    let implementation: String

    init(_ engine: Engine, _ options: distill_quantized_options, _ scales: [Float]) throws {
        var handle: OpaquePointer?
        let status = withUnsafePointer(to: options) {
            distill_quantized_create(&handle, engine.handle, $0, scales)
        }
        guard status == 0, let handle, let layout = distill_quantized_weights(handle) else {
            let shape = options.shape
            throw Engine.failure(
                status,
                "no convolution of bytes [\(shape.batch), \(shape.inputs), \(shape.height), "
                    + "\(shape.width)] to \(shape.outputs) channels by "
                    + "\(shape.kernel.0) x \(shape.kernel.1) in \(shape.groups) groups")
        }
        self.handle = handle
        self.engine = engine
        weights = try WeightLayout(copying: layout, options.shape)
        scratchBytes = distill_quantized_scratch(handle)
        implementation = String(cString: distill_quantized_implementation(handle))
    }

    deinit { distill_quantized_destroy(handle) }

    func run(
        image: UnsafeRawPointer, weights: UnsafeRawPointer, bias: UnsafePointer<Float>?,
        scales: UnsafePointer<Float>?, result: UnsafeMutableRawPointer,
        scratch: UnsafeMutableRawPointer
    ) throws {
        let status = distill_quantized_run(handle, image, weights, bias, scales, result, scratch)
        guard status == 0 else { throw Engine.failure(status, "a convolution of bytes failed") }
    }
}

/// What a convolution of bytes wants of its weights, and behind them the scale of each output channel.
private struct ByteWeights: PreparedWeights, Equatable {
    let layout: WeightLayout

    var byteCount: Int {
        layout.byteCount.roundedUpToLine
            + Int(layout.geometry.outputs) * MemoryLayout<Float>.stride
    }

    /// Rounds weights to bytes, each output channel with the scale that makes its largest weight 127.
    func preparation(_ engine: Engine) throws -> any Kernel {
        let shape = layout.geometry
        let reorder = try WeightReorder(engine, from: WeightLayout.plainBytes(shape), to: layout)
        let length = shape.inputs / shape.groups * shape.kernel.0 * shape.kernel.1
        let scalesOffset = layout.byteCount.roundedUpToLine
        let rounded = Int(shape.outputs * length).roundedUpToLine
        return PreparationKernel(self, scratchBytes: rounded + reorder.scratchBytes) {
            let output = UnsafeMutableRawPointer($0.outputs[0])
            distill_weights_to_bytes(
                shape.outputs, length, $0.inputs[0],
                $0.scratch.assumingMemoryBound(to: Int8.self),
                (output + scalesOffset).assumingMemoryBound(to: Float.self))
            try reorder.run(from: $0.scratch, to: output, scratch: $0.scratch + rounded)
        }
    }
}
