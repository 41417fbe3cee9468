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

    func preparation(_ engine: Engine) throws -> any Kernel {
        let shape = plain.geometry
        let size = PairProducts(shape)
        let reorder = try WeightReorder(
            engine, from: WeightLayout.plain(DISTILL_CHANNELS_LAST, shape), to: plain)
        let plainBytes = plain.byteCount.roundedUpToLine
        return PreparationKernel(self, scratchBytes: plainBytes + reorder.scratchBytes) {
            try reorder.run(
                from: $0.inputs[0], to: $0.scratch, scratch: $0.scratch + plainBytes)
            distill_pack_weights(
                Int64(size.taps), Int64(size.channels), Int64(size.outputs),
                $0.scratch.assumingMemoryBound(to: Float.self),
                UnsafeMutableRawPointer($0.outputs[0]).assumingMemoryBound(to: UInt32.self))
        }
    }
}
