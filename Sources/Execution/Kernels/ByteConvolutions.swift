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
    private let residual: (input: Int, byteCount: Int)?
    /// Where the scales of the channels begin behind the weights.
    private let scalesOffset: Int
    private var primitive: BytePrimitive
    private var weightScales: [Float]
    private var scales: [Float]
    private var bias: [Float]

    private init(
        _ context: KernelContext, _ options: distill_quantized_options, x: ByteScale, y: ByteScale?
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
        let result: Layout = y.map { .bytes($0) } ?? .standard
        let width = y == nil ? MemoryLayout<Float>.stride : 1
        let adds = options.adds_output != 0
        residual = adds ? (3, context.outputShape.count * width) : nil
        var layouts: [Layout] = [
            .bytes(x), .prepared(WeightForm(ByteWeights(layout: primitive.weights))),
        ]
        if options.has_bias != 0 { layouts.append(.standard) }
        if adds { layouts.append(ByteConvolutionKernel.residualLayout(context, y: y)) }
        demands = KernelDemands(
            inputLayouts: layouts, outputLayouts: [result], inPlace: adds ? [(0, 3)] : [],
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
        return try ByteConvolutionKernel(context, options, x: x, y: y)
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
        if let residual, operands.inputs[residual.input] != operands.outputs[0] {
            memcpy(operands.outputs[0], operands.inputs[residual.input], residual.byteCount)
        }
        let found = (UnsafeRawPointer(operands.inputs[1]) + scalesOffset)
            .assumingMemoryBound(to: Float.self)
        try adopt(UnsafeBufferPointer(start: found, count: scales.count))
        if options.has_bias != 0 {
            let isScaled = distill_quantized_bias_is_scaled() != 0
            for channel in bias.indices {
                let value = operands.inputs[2][channel] * biasScale
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

    func preparation(_ engine: Engine) throws -> any Kernel { try ByteWeightsKernel(engine, self) }
}

/// Rounds weights to bytes, each output channel with the scale that makes its largest weight 127.
private final class ByteWeightsKernel: Kernel {
    let demands: KernelDemands
    private let reorder: WeightReorder
    private let outputs: Int
    private let length: Int
    private let scalesOffset: Int

    init(_ engine: Engine, _ weights: ByteWeights) throws {
        let layout = weights.layout
        let shape = layout.geometry
        reorder = try WeightReorder(engine, from: WeightLayout.plainBytes(shape), to: layout)
        outputs = Int(shape.outputs)
        length = Int(shape.inputs / shape.groups * shape.kernel.0 * shape.kernel.1)
        scalesOffset = layout.byteCount.roundedUpToLine
        demands = KernelDemands(
            inputLayouts: [.standard], outputLayouts: [.prepared(WeightForm(weights))],
            scratchBytes: (outputs * length).roundedUpToLine + reorder.scratchBytes)
    }

    func run(_ operands: Operands) throws {
        let output = UnsafeMutableRawPointer(operands.outputs[0])
        distill_weights_to_bytes(
            Int64(outputs), Int64(length), operands.inputs[0],
            operands.scratch.assumingMemoryBound(to: Int8.self),
            (output + scalesOffset).assumingMemoryBound(to: Float.self))
        try reorder.run(
            from: operands.scratch, to: output,
            scratch: operands.scratch + (outputs * length).roundedUpToLine)
    }
}

extension Int {
    /// The next multiple of a cache line's bytes.
    fileprivate var roundedUpToLine: Int { (self + 63) / 64 * 64 }
}
