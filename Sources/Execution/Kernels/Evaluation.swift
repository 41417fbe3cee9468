import CKernels
import Graphs
import Tensors

/// The operator's own exact evaluation, for whatever has no kernel: slow, and it allocates.
final class EvaluatingKernel: Kernel {
    let demands = KernelDemands()
    private let node: Node
    private let inputs: [TensorType]

    init(_ context: KernelContext) {
        node = context.node
        inputs = context.inputs
    }

    func run(_ operands: Operands) throws {
        let values = inputs.indices.map { index in
            let shape = inputs[index].shape
            guard !KernelTable.readsShapeOnly(node.operation, input: index) else {
                return Tensor<Double>(shape: shape, repeating: 0)
            }
            let source = operands.inputs[index]
            return Tensor(shape: shape, values: shape.memoryOffsets.map { Double(source[$0]) })
        }
        let results = try node.operation.evaluate(values, outputs: node.outputs)
        for (index, result) in results.enumerated() {
            let target = operands.outputs[index]
            for (offset, value) in zip(result.shape.memoryOffsets, result.values) {
                target[offset] = Float(value)
            }
        }
    }
}

extension Shape {
    /// Where each element lies in memory, in row-major order of the elements.
    fileprivate var memoryOffsets: [Int] {
        var offsets = [0]
        let strides = physicalStrides
        for axis in 0..<rank {
            offsets = offsets.flatMap { base in (0..<self[axis]).map { base + $0 * strides[axis] } }
        }
        return offsets
    }
}
