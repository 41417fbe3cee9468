import CKernels
import Foundation
import Graphs
import Tensors

/// One step of gradient descent with Nesterov's momentum, over the parameter as it lies.
final class NesterovKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let momentum: Float
    private let decay: Float

    private init(_ update: NesterovUpdate, _ context: KernelContext) {
        let layout = context.elementWiseLayout(keepsZeros: true)
        count = Int64(context.elementCount(layout))
        momentum = Float(update.momentum)
        decay = Float(update.weightDecay)
        demands = KernelDemands(
            inputLayouts: [layout, layout, layout, .standard, .standard],
            outputLayouts: [layout, layout], inPlace: [(0, 0), (1, 2)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        (context.node.operation as? NesterovUpdate).map { NesterovKernel($0, context) }
    }

    func run(_ operands: Operands) {
        let inputs = operands.inputs
        distill_nesterov(
            count, momentum, decay, inputs[3][0], inputs[4][0], inputs[0], inputs[1], inputs[2],
            operands.outputs[0], operands.outputs[1])
    }
}

/// decay * old + (1 - decay) * new, over the state as it lies.
final class MovingAverageKernel: Kernel {
    let demands: KernelDemands
    private let count: Int64
    private let decay: Float

    private init(_ average: MovingAverage, _ context: KernelContext) {
        let layout = context.elementWiseLayout(keepsZeros: true)
        count = Int64(context.elementCount(layout))
        decay = Float(average.decay)
        demands = KernelDemands(
            inputLayouts: [layout, layout], outputLayouts: [layout], inPlace: [(0, 0), (0, 1)])
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        (context.node.operation as? MovingAverage).map { MovingAverageKernel($0, context) }
    }

    func run(_ operands: Operands) {
        distill_moving_average(
            count, decay, operands.inputs[0], operands.inputs[1], operands.outputs[0])
    }
}

/// The length of all inputs laid end to end, summed in float64.
final class GlobalNormKernel: Kernel {
    let demands: KernelDemands
    private let counts: [Int64]

    private init(_ context: KernelContext) {
        counts = zip(context.inputs, context.inputLayouts).map { type, layout in
            switch layout {
            case .standard, .bfloat16, .bytes, .prepared: Int64(type.shape.count)
            // Padding is zero.
            case .weights(let blocks): Int64(blocks.byteCount / MemoryLayout<Float>.stride)
            }
        }
        demands = KernelDemands(
            inputLayouts: context.inputLayouts.map {
                if case .weights = $0 { $0 } else { .standard }
            },
            scratchBytes: Int(distill_thread_count()) * MemoryLayout<Double>.stride)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? { GlobalNormKernel(context) }

    func run(_ operands: Operands) {
        var total = 0.0
        for index in counts.indices {
            total += distill_sum_of_squares(
                counts[index], operands.inputs[index], operands.scratch)
        }
        operands.outputs[0][0] = Float(total.squareRoot())
    }
}
