import CKernels
import COneDNN

/// The first convolution of a frozen network in bfloat16: an image of a few channels.
final class NarrowConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let work: distill_narrow
    private let epilogue: ConvolutionEpilogue

    /// Whether this is faster than oneDNN, by measurement: fewer channels than a vector has places for.
    static func suits(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        return options.isFrozenHalf && options.adds_output == 0 && shape.dilation == (1, 1)
            && shape.inputs <= 4 && shape.kernel.0 * shape.kernel.1 > 1 && shape.out_width >= 8
            && shape.outputs % 32 == 0
    }

    init(_ context: KernelContext, _ options: distill_convolution_options) {
        let shape = options.shape
        work = distill_narrow(
            batch: shape.batch, inputs: shape.inputs, outputs: shape.outputs,
            height: shape.height, width: shape.width, out_height: shape.out_height,
            out_width: shape.out_width, kernel: shape.kernel, stride: shape.stride,
            pad_top: shape.pad_top, pad_left: shape.pad_left)
        epilogue = ConvolutionEpilogue(options, context, width: MemoryLayout<UInt16>.stride)
        demands = epilogue.demands(
            image: .bfloat16, weights: .prepared(WeightForm(NarrowWeights(work))),
            result: .bfloat16,
            scratchBytes: Int(withUnsafePointer(to: work) { distill_narrow_scratch($0) }))
    }

    func run(_ operands: Operands) {
        withUnsafePointer(to: work) {
            distill_narrow_run(
                $0, operands.inputs[0], operands.inputs[1], epilogue.bias(operands), epilogue.low,
                operands.outputs[0], operands.scratch)
        }
    }
}

/// Filters as runs of pairs, in panels of outputs.
private struct NarrowWeights: PreparedWeights, Equatable {
    let work: distill_narrow

    init(_ work: distill_narrow) { self.work = work }

    static func == (left: NarrowWeights, right: NarrowWeights) -> Bool {
        left.work.inputs == right.work.inputs && left.work.outputs == right.work.outputs
            && left.work.kernel == right.work.kernel
    }

    var byteCount: Int { Int(withUnsafePointer(to: work) { distill_narrow_weight_bytes($0) }) }

    func preparation(_ engine: Engine) -> any Kernel {
        PreparationKernel(self) { operands in
            withUnsafePointer(to: work) {
                distill_narrow_pack($0, operands.inputs[0], operands.outputs[0])
            }
        }
    }
}
