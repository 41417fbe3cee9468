import CKernels
import COneDNN
import COpenBLAS
import Foundation
import Tensors

/// A convolution with a tiny result as products of matrices that BLAS reads where they lie.
///
/// Most of a 3 x 3 window on a 2 x 2 image is padding, which blocked convolutions multiply and this does not.
/// For one cell of the result and one row of the kernel, the kernel's cells that lie inside the image meet a
/// run of neighbouring cells: with channels innermost that is one matrix of `cells * channels` columns and a
/// row for each image of the batch.
struct CellProducts {
    /// One product; offsets in elements from the first image and from the first weight.
    struct Product {
        var image: Int
        var weights: Int
        var result: Int
        /// Columns of the image's matrix.
        var inner: Int
        /// Whether nothing was added to its target before.
        var isFirst: Bool
    }

    let batch: Int
    let channels: Int
    let outputs: Int
    let imageStride: Int
    let resultStride: Int
    /// Forwards and for the image's gradient: as few and large as possible.
    private(set) var runs: [Product] = []
    /// For the weights' gradient: one for each cell of the kernel, so that each target is written as a whole.
    private(set) var cells: [Product] = []
    /// Where the gradients of cells of the kernel begin that never lie inside the image.
    private(set) var untouched: [Int] = []

    /// The layout that all three need: a matrix for each cell of the kernel.
    static func layout(_ shape: distill_convolution_shape) throws -> Layout {
        .weights(try WeightLayout.plain(DISTILL_CELLS_FIRST, shape))
    }

    /// Whether this is faster than oneDNN, by measurement: at most four cells, wide, in large batches.
    static func suit(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        let isPlain =
            options.half == 0 && options.has_bias == 0 && options.adds_output == 0
            && options.rectifies == 0
            && shape.groups == 1 && shape.dilation.0 == 1 && shape.dilation.1 == 1
        let overlaps =
            shape.pad_top < shape.kernel.0 && shape.pad_bottom < shape.kernel.0
            && shape.pad_left < shape.kernel.1 && shape.pad_right < shape.kernel.1
        return isPlain && overlaps && shape.out_height * shape.out_width <= 4
            && shape.kernel.0 * shape.kernel.1 > 1 && shape.batch >= 16 && shape.inputs >= 128
            && shape.outputs >= 128
    }

    init(_ shape: distill_convolution_shape) {
        batch = Int(shape.batch)
        channels = Int(shape.inputs)
        outputs = Int(shape.outputs)
        imageStride = Int(shape.height * shape.width) * channels
        resultStride = Int(shape.out_height * shape.out_width) * outputs
        let (height, width) = (Int(shape.height), Int(shape.width))
        let (rows, columns) = (Int(shape.kernel.0), Int(shape.kernel.1))
        var touched: Set<Int> = []
        for cell in 0..<Int(shape.out_height * shape.out_width) {
            let top = cell / Int(shape.out_width) * Int(shape.stride.0) - Int(shape.pad_top)
            let left = cell % Int(shape.out_width) * Int(shape.stride.1) - Int(shape.pad_left)
            let inside = max(0, -left)..<max(max(0, -left), min(columns, width - left))
            var isFirst = true
            for row in max(0, -top)..<max(max(0, -top), min(rows, height - top)) {
                let image = ((top + row) * width + left) * channels
                let product = { [channels, outputs] (column: Int, count: Int, isFirst: Bool) in
                    Product(
                        image: image + column * channels,
                        weights: (row * columns + column) * channels * outputs,
                        result: cell * outputs, inner: count * channels, isFirst: isFirst)
                }
                guard !inside.isEmpty else { continue }
                runs.append(product(inside.lowerBound, inside.count, isFirst))
                isFirst = false
                for column in inside {
                    let isNew = touched.insert(row * columns + column).inserted
                    cells.append(product(column, 1, isNew))
                }
            }
        }
        untouched = (0..<(rows * columns)).filter { !touched.contains($0) }
            .map { $0 * channels * outputs }
    }
}

/// result = sum over runs of image * weights.
final class CellConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let products: CellProducts

    init(_ shape: distill_convolution_shape) throws {
        products = CellProducts(shape)
        demands = KernelDemands(inputLayouts: [.standard, try CellProducts.layout(shape)])
    }

    func run(_ operands: Operands) {
        for product in products.runs {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(products.batch),
                blasint(products.outputs), blasint(product.inner), 1,
                operands.inputs[0] + product.image, blasint(products.imageStride),
                operands.inputs[1] + product.weights, blasint(products.outputs),
                product.isFirst ? 0 : 1, operands.outputs[0] + product.result,
                blasint(products.resultStride))
        }
    }
}

/// The image's gradient: the sum over runs of result * transposed weights.
final class CellInputGradientKernel: Kernel {
    let demands: KernelDemands
    private let products: CellProducts

    init(_ shape: distill_convolution_shape) throws {
        products = CellProducts(shape)
        demands = KernelDemands(
            inputLayouts: [.standard, try CellProducts.layout(shape), .standard])
    }

    func run(_ operands: Operands) {
        distill_fill(Int64(products.batch * products.imageStride), 0, operands.outputs[0])
        for product in products.runs {
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(products.batch),
                blasint(product.inner), blasint(products.outputs), 1,
                operands.inputs[0] + product.result, blasint(products.resultStride),
                operands.inputs[1] + product.weights, blasint(products.outputs), 1,
                operands.outputs[0] + product.image, blasint(products.imageStride))
        }
    }
}

/// The weights' gradient: for each cell of the kernel the sum of transposed image * result.
final class CellWeightGradientKernel: Kernel {
    let demands: KernelDemands
    private let products: CellProducts

    /// - Parameter target: the layout with the cells first.
    init(_ shape: distill_convolution_shape, target: Layout) {
        products = CellProducts(shape)
        demands = KernelDemands(
            inputLayouts: [.standard, .standard, target], outputLayouts: [target])
    }

    func run(_ operands: Operands) {
        for offset in products.untouched {
            distill_fill(
                Int64(products.channels * products.outputs), 0, operands.outputs[0] + offset)
        }
        for product in products.cells {
            cblas_sgemm(
                CblasRowMajor, CblasTrans, CblasNoTrans, blasint(products.channels),
                blasint(products.outputs), blasint(products.batch), 1,
                operands.inputs[0] + product.image, blasint(products.imageStride),
                operands.inputs[1] + product.result, blasint(products.resultStride),
                product.isFirst ? 0 : 1, operands.outputs[0] + product.weights,
                blasint(products.outputs))
        }
    }
}
