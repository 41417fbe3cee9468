import Graphs
import Tensors

/// The numbers of the batch's samples, 0, 1, 2, ...
final class BatchIndexKernel: Kernel {
    let demands = KernelDemands()
    private let count: Int

    private init(count: Int) { self.count = count }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        BatchIndexKernel(count: context.outputShape.count)
    }

    func run(_ operands: Operands) {
        for index in 0..<count { operands.outputs[0][index] = Float(index) }
    }
}
