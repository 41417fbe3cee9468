import CKernels
import COneDNN
import Tensors

/// A convolution with a small result as bfloat16 products of matrices, one for each cell of the result and cell of
/// the kernel that meet inside the image.
///
/// A 3 x 3 window on a 4 x 4 image is a third padding, on a 2 x 2 image more than half, which blocked
/// convolutions multiply and this does not. Operands are packed when they are used: in training all of them change
/// between two uses.
struct PairProducts {
    /// A cell of the result that reads a cell of the image through a cell of the kernel.
    struct Meeting {
        var result: Int
        var image: Int
        var tap: Int
    }

    let batch: Int
    let channels: Int
    let outputs: Int
    let taps: Int
    let imageCells: Int
    let resultCells: Int
    let meetings: [Meeting]

    /// Whether this is faster than oneDNN, by measurement: small results and wide layers.
    ///
    /// Gradients by the weights of larger maps would be faster too, but all three passes must agree on where the
    /// weights lie, and oneDNN's reorder from there costs what that saves.
    static func suit(_ options: distill_convolution_options) -> Bool {
        let shape = options.shape
        let isPlain = options.half != 0 && options.adds_output == 0 && shape.groups == 1
        let cells = max(shape.out_height * shape.out_width, shape.height * shape.width / 4)
        return isPlain && cells <= 16 && shape.kernel.0 * shape.kernel.1 > 1
            && shape.batch >= 16 && shape.batch % 16 == 0 && shape.inputs >= 128
            && shape.inputs % 16 == 0 && shape.outputs >= 128 && shape.outputs % 16 == 0
    }

    init(_ shape: distill_convolution_shape) {
        batch = Int(shape.batch)
        channels = Int(shape.inputs)
        outputs = Int(shape.outputs)
        taps = Int(shape.kernel.0 * shape.kernel.1)
        imageCells = Int(shape.height * shape.width)
        resultCells = Int(shape.out_height * shape.out_width)
        var meetings: [Meeting] = []
        for result in 0..<resultCells {
            let (row, column) = result.quotientAndRemainder(dividingBy: Int(shape.out_width))
            for tap in 0..<taps {
                let (down, right) = tap.quotientAndRemainder(dividingBy: Int(shape.kernel.1))
                let y =
                    row * Int(shape.stride.0) - Int(shape.pad_top) + down * Int(shape.dilation.0)
                let x =
                    column * Int(shape.stride.1) - Int(shape.pad_left)
                    + right * Int(shape.dilation.1)
                guard 0..<Int(shape.height) ~= y, 0..<Int(shape.width) ~= x else { continue }
                let image = y * Int(shape.width) + x
                meetings.append(Meeting(result: result, image: image, tap: tap))
            }
        }
        self.meetings = meetings
    }

    /// Panels of a right operand.
    func panels(_ columns: Int) -> Int {
        (columns + Int(DISTILL_PANEL) - 1) / Int(DISTILL_PANEL)
    }

    /// Words of a right operand with as many pairs along its inner axis.
    func words(_ columns: Int, pairs: Int) -> Int { panels(columns) * pairs * Int(DISTILL_PANEL) }
}

/// Products to add up for each block of a result, in the form that the kernel reads.
final class ProductTable {
    private var products: [distill_product] = []
    private var sums: [distill_product_sum] = []
    private var work: distill_products

    /// - Parameters:
    ///   - blocks: how many blocks the result has.
    ///   - block: in which block a meeting's product is added up.
    init(
        _ work: distill_products, _ meetings: [PairProducts.Meeting], blocks: Int, stride: Int,
        block: (PairProducts.Meeting) -> Int, product: (PairProducts.Meeting) -> distill_product
    ) {
        self.work = work
        for index in 0..<blocks {
            let found = meetings.filter { block($0) == index }.map(product)
            sums.append(
                distill_product_sum(
                    first: Int64(products.count), count: Int64(found.count),
                    result: Int64(index * stride)))
            products += found
        }
    }

    func run(
        left: UnsafeRawPointer, right: UnsafeRawPointer, half: Bool,
        result: UnsafeMutableRawPointer, bias: UnsafePointer<Float>? = nil, low: Float = -.infinity
    ) {
        work.bias = bias
        work.low = low
        products.withUnsafeBufferPointer { products in
            sums.withUnsafeBufferPointer { sums in
                work.products = products.baseAddress
                work.sums = sums.baseAddress
                work.sum_count = Int64(sums.count)
                distill_multiply_pairs(&work, left, right, half ? 1 : 0, result)
            }
        }
    }
}

/// For each cell of the result the sum of image * weights, a bias and a rectifier.
final class PairConvolutionKernel: Kernel {
    let demands: KernelDemands
    private let size: PairProducts
    private let table: ProductTable
    private let epilogue: ConvolutionEpilogue
    /// Whether weights come packed, because they are constant.
    private let isPacked: Bool

    init(_ context: KernelContext, _ options: distill_convolution_options) throws {
        let shape = options.shape
        let size = PairProducts(shape)
        self.size = size
        epilogue = ConvolutionEpilogue(options, context, width: MemoryLayout<UInt16>.stride)
        let pairs = size.channels / 2
        let tap = size.words(size.outputs, pairs: pairs)
        let row = size.imageCells * pairs
        table = ProductTable(
            distill_products(
                rows: Int64(size.batch), columns: Int64(size.outputs),
                left_tile: Int64(row) * Int64(DISTILL_TILE), left_row: Int64(row), left_step: 1,
                right_panel: Int64(pairs) * Int64(DISTILL_PANEL),
                result_row: Int64(size.resultCells * size.outputs), products: nil, sums: nil,
                sum_count: 0, bias: nil, low: -.infinity),
            size.meetings, blocks: size.resultCells, stride: size.outputs, block: { $0.result },
            product: {
                distill_product(
                    left: Int64($0.image * pairs), right: Int64($0.tap * tap), steps: Int64(pairs))
            })
        let packed = PairWeights(try WeightLayout.plain(DISTILL_CELLS_FIRST, shape))
        isPacked = options.kind == Int32(DISTILL_FORWARD_INFERENCE.rawValue)
        let weights = isPacked ? Layout.prepared(WeightForm(packed)) : .weights(packed.plain)
        demands = epilogue.demands(
            image: .bfloat16, weights: weights, result: .bfloat16,
            scratchBytes: isPacked ? 0 : packed.byteCount)
    }

    func run(_ operands: Operands) {
        if !isPacked {
            distill_pack_weights(
                Int64(size.taps), Int64(size.channels), Int64(size.outputs), operands.inputs[1],
                operands.scratch.assumingMemoryBound(to: UInt32.self))
        }
        table.run(
            left: operands.inputs[0],
            right: isPacked
                ? UnsafeRawPointer(operands.inputs[1]) : UnsafeRawPointer(operands.scratch),
            half: true, result: operands.outputs[0],
            bias: epilogue.bias(operands), low: epilogue.low)
    }
}

/// For each cell of the image the sum of weights * result, transposed.
final class PairInputGradientKernel: Kernel {
    let demands: KernelDemands
    private let size: PairProducts
    private let table: ProductTable
    /// Where the transposed gradients of the result and of the image begin in the scratch memory.
    private let resultOffset: Int
    private let imageOffset: Int

    init(_ shape: distill_convolution_shape) throws {
        let size = PairProducts(shape)
        self.size = size
        let pairs = size.outputs / 2
        let cell = size.words(size.batch, pairs: pairs)
        table = ProductTable(
            distill_products(
                rows: Int64(size.channels), columns: Int64(size.batch),
                left_tile: Int64(pairs) * Int64(DISTILL_TILE), left_row: Int64(pairs), left_step: 1,
                right_panel: Int64(pairs) * Int64(DISTILL_PANEL), result_row: Int64(size.batch),
                products: nil, sums: nil, sum_count: 0, bias: nil, low: -.infinity),
            size.meetings, blocks: size.imageCells, stride: size.channels * size.batch,
            block: { $0.image },
            product: {
                distill_product(
                    left: Int64($0.tap * size.channels * pairs), right: Int64($0.result * cell),
                    steps: Int64(pairs))
            })
        let weights = size.taps * size.channels * size.outputs * MemoryLayout<UInt16>.stride
        resultOffset = weights.roundedUpToLine
        imageOffset =
            resultOffset
            + (size.resultCells * cell * MemoryLayout<UInt32>.stride).roundedUpToLine
        let image = size.imageCells * size.channels * size.batch * MemoryLayout<UInt16>.stride
        demands = KernelDemands(
            inputLayouts: [.bfloat16, try CellProducts.layout(shape), .standard],
            outputLayouts: [.bfloat16], scratchBytes: imageOffset + image)
    }

    func run(_ operands: Operands) {
        let weights = operands.scratch.assumingMemoryBound(to: UInt16.self)
        let result = (operands.scratch + resultOffset).assumingMemoryBound(to: UInt32.self)
        let image = (operands.scratch + imageOffset).assumingMemoryBound(to: UInt16.self)
        distill_float_to_bfloat(
            Int64(size.taps * size.channels * size.outputs), operands.inputs[1], weights)
        distill_transpose_images(
            Int64(size.batch), Int64(size.resultCells), Int64(size.outputs / 2),
            UnsafeRawPointer(operands.inputs[0]).assumingMemoryBound(to: UInt32.self), result)
        table.run(left: weights, right: result, half: true, result: image)
        distill_transpose_result(
            Int64(size.batch), Int64(size.imageCells * size.channels), image,
            UnsafeMutableRawPointer(operands.outputs[0]).assumingMemoryBound(to: UInt16.self))
    }
}

/// For each cell of the kernel the sum of transposed image * result over the batch.
final class PairWeightGradientKernel: Kernel {
    let demands: KernelDemands
    private let size: PairProducts
    private let table: ProductTable
    /// Where the packed gradient of the result begins in the scratch memory.
    private let resultOffset: Int

    /// - Parameter target: the layout with the cells first.
    init(_ shape: distill_convolution_shape, target: Layout) {
        let size = PairProducts(shape)
        self.size = size
        let pairs = size.batch / 2
        let cell = size.words(size.outputs, pairs: pairs)
        table = ProductTable(
            distill_products(
                rows: Int64(size.channels), columns: Int64(size.outputs),
                left_tile: Int64(pairs) * Int64(DISTILL_TILE), left_row: 1,
                left_step: Int64(DISTILL_TILE),
                right_panel: Int64(pairs) * Int64(DISTILL_PANEL), result_row: Int64(size.outputs),
                products: nil, sums: nil, sum_count: 0, bias: nil, low: -.infinity),
            size.meetings, blocks: size.taps, stride: size.channels * size.outputs,
            block: { $0.tap },
            product: {
                distill_product(
                    left: Int64($0.image * size.channels * pairs), right: Int64($0.result * cell),
                    steps: Int64(pairs))
            })
        let image = size.imageCells * size.channels * pairs * MemoryLayout<UInt32>.stride
        resultOffset = image.roundedUpToLine
        demands = KernelDemands(
            inputLayouts: [.bfloat16, .bfloat16, target], outputLayouts: [target],
            scratchBytes: resultOffset + size.resultCells * cell * MemoryLayout<UInt32>.stride)
    }

    func run(_ operands: Operands) {
        let image = operands.scratch.assumingMemoryBound(to: UInt32.self)
        let result = (operands.scratch + resultOffset).assumingMemoryBound(to: UInt32.self)
        func halves(_ input: Int) -> UnsafePointer<UInt16> {
            UnsafeRawPointer(operands.inputs[input]).assumingMemoryBound(to: UInt16.self)
        }
        distill_tile_images(
            Int64(size.batch), Int64(size.imageCells), Int64(size.channels), halves(0), image)
        distill_pack_images(
            Int64(size.batch), Int64(size.resultCells), Int64(size.outputs), halves(1), result)
        table.run(left: image, right: result, half: false, result: operands.outputs[0])
    }
}
