import CKernels
package import Graphs
package import Tensors

/// How often which magnitude occurs in a tensor: bins of equal width relative to the magnitude.
///
/// `bins[b] = |{ i : bits(|x_i|) >> 19 = b }|`, sixteen bins for each power of two.
/// - Shapes: x of any shape; bins `[4096]`.
package struct MagnitudeHistogram: Operator {
    package static let kind = "MagnitudeHistogram"
    package static let binCount = Int(DISTILL_MAGNITUDE_BINS)

    package init() {}

    /// The first magnitude of a bin.
    package static func start(of bin: Int) -> Double {
        Double(Float(bitPattern: UInt32(bin) << 19))
    }

    /// The first bin of what is infinite or no number.
    package static let firstInvalidBin = Int(Float.infinity.bitPattern >> 19)

    package var attributes: [(name: String, value: AttributeValue)] { [] }

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        [TensorType([MagnitudeHistogram.binCount], .float32)]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var bins = Tensor<Double>(shape: outputs[0].shape, repeating: 0)
        for value in inputs[0].values {
            bins.values[Int(Float(value.magnitude).bitPattern >> 19)] += 1
        }
        return [bins]
    }
}

/// Counts magnitudes, each thread on its own.
final class MagnitudeHistogramKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64

    private init(_ shape: Shape) {
        count = Int64(shape.count)
        demands = KernelDemands(
            scratchBytes: MagnitudeHistogram.binCount * MemoryLayout<UInt32>.stride
                * Int(distill_thread_count()))
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        MagnitudeHistogramKernel(context.shape(0))
    }

    func run(_ operands: Operands) {
        distill_count_magnitudes(count, operands.inputs[0], operands.outputs[0], operands.scratch)
    }
}
