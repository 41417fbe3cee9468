import CKernels
import COpenBLAS
import Graphs
import Tensors

/// Products of matrices, one for each leading index: on BLAS, but for the head of a network that is only run
/// forwards, whose rows are answers to single images and must not depend on their place in the batch.
final class MatrixMultiplyKernel: Kernel {
    let demands: KernelDemands
    private let batch: Int
    private let rows: Int
    private let inner: Int
    private let columns: Int
    private let transposesLeft: Bool
    private let transposesRight: Bool
    private let sharesRight: Bool
    private let isHead: Bool
    /// Four axes lie channels-last: copies to and from row-major order, nil where none is needed.
    private var leftCopy: distill_grid?
    private var rightCopy: distill_grid?
    private var outputCopy: distill_grid?
    private let leftCount: Int
    private let rightCount: Int

    private init(_ operation: MatrixMultiply, _ context: KernelContext) {
        let left = context.shape(0)
        let right = context.shape(1)
        transposesLeft = operation.transposeLeft
        transposesRight = operation.transposeRight
        sharesRight = right.rank == 2
        isHead =
            context.inference && left.rank == 2 && right.rank == 2 && !operation.transposeLeft
            && operation.transposeRight
        let matrices = left.dimensions.dropLast(2).reduce(1, *)
        inner = operation.transposeLeft ? left[-2] : left[-1]
        columns = context.outputShape[-1]
        // One product serves all leading indices where the right operand is one matrix.
        let folds = sharesRight && !operation.transposeLeft
        batch = folds ? 1 : matrices
        rows = folds ? matrices * context.outputShape[-2] : context.outputShape[-2]
        func copy(_ shape: Shape, _ make: (Shape) -> distill_grid) -> distill_grid? {
            shape.isPhysicallyRowMajor ? nil : make(shape)
        }
        leftCopy = copy(left, PhysicalCopy.toRowMajor)
        rightCopy = copy(right, PhysicalCopy.toRowMajor)
        outputCopy = copy(context.outputShape, PhysicalCopy.fromRowMajor)
        leftCount = leftCopy == nil ? 0 : left.count
        rightCount = rightCopy == nil ? 0 : right.count
        let outputCount = outputCopy == nil ? 0 : context.outputShape.count
        demands = KernelDemands(
            scratchBytes: (leftCount + rightCount + outputCount) * MemoryLayout<Float>.stride)
    }

    static func make(_ context: KernelContext) -> (any Kernel)? {
        guard let operation = context.node.operation as? MatrixMultiply,
            context.outputShape.count > 0,
            context.outputShape.rank <= distill_grid.maximumRank
        else { return nil }
        return MatrixMultiplyKernel(operation, context)
    }

    func run(_ operands: Operands) {
        let scratch = operands.scratch.assumingMemoryBound(to: Float.self)
        var left = operands.inputs[0]
        var right = operands.inputs[1]
        var output = operands.outputs[0]
        if var grid = leftCopy {
            distill_copy(&grid, scratch, left)
            left = scratch
        }
        if var grid = rightCopy {
            distill_copy(&grid, scratch + leftCount, right)
            right = scratch + leftCount
        }
        if isHead {
            return distill_multiply_rows(
                Int64(rows), Int64(columns), Int64(inner), left, right, output)
        }
        if outputCopy != nil { output = scratch + leftCount + rightCount }
        for index in 0..<batch {
            cblas_sgemm(
                CblasRowMajor, transposesLeft ? CblasTrans : CblasNoTrans,
                transposesRight ? CblasTrans : CblasNoTrans, blasint(rows), blasint(columns),
                blasint(inner), 1, left + index * rows * inner,
                blasint(transposesLeft ? rows : inner),
                sharesRight ? right : right + index * inner * columns,
                blasint(transposesRight ? inner : columns), 0, output + index * rows * columns,
                blasint(columns))
        }
        if var grid = outputCopy { distill_copy(&grid, operands.outputs[0], output) }
    }
}
