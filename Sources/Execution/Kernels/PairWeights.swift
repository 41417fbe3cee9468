import CKernels
import COneDNN

/// Weights as right operands of pairs: for each cell of the kernel panels of outputs.
struct PairWeights: PreparedWeights, Equatable {
    /// A matrix for each cell of the kernel.
    let plain: WeightLayout

    init(_ plain: WeightLayout) { self.plain = plain }

    var byteCount: Int {
        let size = PairProducts(plain.geometry)
        return size.taps * size.words(size.outputs, pairs: size.channels / 2)
            * MemoryLayout<UInt32>.stride
    }

    func preparation(_ engine: Engine) throws -> any Kernel { try PairWeightsKernel(engine, self) }
}

/// Packs weights.
private final class PairWeightsKernel: Kernel {
    let demands: KernelDemands
    private let size: PairProducts
    private let reorder: WeightReorder
    private let plainBytes: Int

    init(_ engine: Engine, _ weights: PairWeights) throws {
        let shape = weights.plain.geometry
        size = PairProducts(shape)
        reorder = try WeightReorder(
            engine, from: WeightLayout.plain(DISTILL_CHANNELS_LAST, shape), to: weights.plain)
        plainBytes = (weights.plain.byteCount + 63) / 64 * 64
        demands = KernelDemands(
            inputLayouts: [.standard], outputLayouts: [.prepared(WeightForm(weights))],
            scratchBytes: plainBytes + reorder.scratchBytes)
    }

    func run(_ operands: Operands) throws {
        try reorder.run(
            from: operands.inputs[0], to: operands.scratch, scratch: operands.scratch + plainBytes)
        distill_pack_weights(
            Int64(size.taps), Int64(size.channels), Int64(size.outputs),
            operands.scratch.assumingMemoryBound(to: Float.self),
            UnsafeMutableRawPointer(operands.outputs[0]).assumingMemoryBound(to: UInt32.self))
    }
}
