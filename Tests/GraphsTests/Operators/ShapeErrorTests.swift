import Graphs
import Tensors
import Testing

/// An operator given operands that do not fit, and what the error must say.
struct Misfit: Sendable, CustomTestStringConvertible {
    let operation: any Operator
    let shapes: [Shape]
    let says: [String]

    init(_ operation: any Operator, _ shapes: Shape..., says: String...) {
        self.operation = operation
        self.shapes = shapes
        self.says = says
    }

    var testDescription: String { "\(operation.kind) of \(shapes)" }
}

@Suite struct ShapeErrorTests {
    static let window = [3, 3]
    static let pool = MaximumPool(window: window)
    static let average = AveragePool(window: window)

    static let misfits: [Misfit] = [
        Misfit(Unary(.tanh), says: "Unary expects 1 inputs, got 0"),
        Misfit(Affine(), [2], [2], says: "Affine expects 1 inputs, got 2"),
        Misfit(Clip(), [2], [2], says: "Clip expects 1"),
        Misfit(Rectifier(), says: "Rectifier expects 1"),
        Misfit(RectifierGradient(), [2], [3], says: "expects the gradient of shape [2], got [3]"),
        Misfit(
            ClipGradient(Clip(minimum: 0)), [2], [3],
            says: "expects the gradient of shape [2], got [3]"),
        Misfit(StopGradient(), [2], [2], says: "StopGradient expects 1"),
        Misfit(
            Binary(.add), [2, 3], [2], says: "add expects shapes that broadcast", "[2, 3]", "[2]"),
        Misfit(Binary(.add), [2], says: "Binary expects 2 inputs, got 1"),
        Misfit(Select(), [2], [3], [3], says: "condition [2]", "[3]"),
        Misfit(Select(), [2], [2], [3], says: "condition [2]", "[3]"),
        Misfit(Reduce(.sum, axes: [2]), [2, 3], says: "Reduce has no axis 2", "[2, 3]"),
        Misfit(Reduce(.mean), [0, 3], says: "mean over no elements", "[0, 3]"),
        Misfit(
            ReduceMeanGradient(axes: [0], keepDimensions: false), [2], [2, 3],
            says: "expects the gradient of shape [3], got [2]"),
        Misfit(ReduceLike(), [2, 3], [4], says: "broadcasts to [2, 3], got [4]"),
        Misfit(BroadcastLike(), [4], [2, 3], says: "broadcasts to [2, 3], got [4]"),
        Misfit(ArgMax(axis: 3), [2], says: "ArgMax has no axis 3", "[2]"),
        Misfit(ArgMax(axis: 0), [0], says: "over no elements"),
        Misfit(Reshape(to: [.size(4)]), [2, 3], says: "[2, 3] (6 elements) into [4]"),
        Misfit(Reshape(to: [.size(4), .infer]), [2, 3], says: "into [4, ?]"),
        Misfit(Reshape(to: [.copy(2)]), [2, 3], says: "no axis 2"),
        Misfit(ReshapeLike(), [2, 3], [5], says: "equal counts, got [2, 3] (6) and [5] (5)"),
        Misfit(Transpose([1, 0]), [2, 3, 4], says: "[1, 0] expects 2 axes, got [2, 3, 4]"),
        Misfit(Concatenate(axis: 1), says: "at least one input"),
        Misfit(Concatenate(axis: 1), [2, 3], [3, 3], says: "[2, 3]", "as input 1, [3, 3]"),
        Misfit(Concatenate(axis: 1), [2, 3], [2], says: "as input 1, [2]"),
        Misfit(ConcatenateGradient(axis: 0), [4], says: "at least two"),
        Misfit(ConcatenateGradient(axis: 0), [2], [1], [3], says: "Slice of 3 from 1", "[2]"),
        Misfit(
            Slice(axis: 0, start: 2, length: 2), [3], says: "Slice of 2 from 2", "axis 0 of [3]"),
        Misfit(Slice(axis: 0, start: -4), [3], says: "from -4"),
        Misfit(SliceGradient(axis: 0, start: 2), [2], [3], says: "from 2", "[3]"),
        Misfit(SliceGradient(axis: 0, start: 0), [2, 2], [3], says: "equal ranks"),
        Misfit(Pad(before: [1], after: [1]), [2, 3], says: "expects 1 axes, got [2, 3]"),
        Misfit(PadGradient(before: [2]), [3], [2], says: "larger gradient, got [3] for [2]"),
        Misfit(Gather(axis: 2), [2, 3], [4], says: "Gather has no axis 2"),
        Misfit(GatherGradient(axis: 0), [2, 3], [4], [5, 3], says: "of shape [4, 3], got [2, 3]"),
        Misfit(ReplaceRows(), [4, 3], [2], [2, 4], says: "rows of shape [2, 3], got [2, 4]"),
        Misfit(ReplaceRows(), [4, 3], [2, 1], [2, 3], says: "indices of shape [n], got [2, 1]"),
        Misfit(AngleDifference(), [2, 3], [2, 3], says: "Gram matrices [n, n], got [2, 3]"),
        Misfit(AngleDifference(), [2, 2], [3, 3], says: "of shape [2, 2], got [3, 3]"),
        Misfit(
            AngleDifferenceGradient(), [1], [2, 2], [2, 2],
            says: "the gradient of shape [], got [1]"
        ),
        Misfit(
            Resize(height: 2, width: 2, mode: .nearest), [2, 3], says: "[batch, channels", "[2, 3]"),
        Misfit(Resize(scale: 0.1, mode: .bilinear), [1, 1, 4, 4], says: "leaves no pixels"),
        Misfit(
            ResizeGradient(Resize(scale: 2, mode: .bilinear)), [1, 1, 4, 4], [1, 1, 3, 3],
            says: "of shape [1, 1, 6, 6], got [1, 1, 4, 4]"),
        Misfit(
            MatrixMultiply(), [2, 3], [4, 5], says: "[2, 3]", "[4, 5]", "inner extents 3 and 4"),
        Misfit(
            MatrixMultiply(transposeRight: true), [2, 3], [3, 5], says: "[3, 5] transposed",
            "3 and 5"),
        Misfit(MatrixMultiply(), [3], [3, 2], says: "matrices", "[3]"),
        Misfit(MatrixMultiply(), [2, 2, 3], [4, 3, 2], says: "equal leading extents"),
        Misfit(Convolution(), [1, 3, 8], [4, 3, 3, 3], says: "[batch, channels", "[1, 3, 8]"),
        Misfit(Convolution(), [1, 3, 8, 8], [4, 3, 3], says: "a weight of shape", "[4, 3, 3]"),
        Misfit(
            Convolution(), [1, 3, 8, 8], [4, 2, 3, 3], says: "3 input channels", "[4, 2, 3, 3]"),
        Misfit(
            Convolution(groups: 3), [1, 3, 8, 8], [4, 1, 3, 3], says: "multiple of 3 outputs"),
        Misfit(Convolution(), [1, 1, 2, 2], [1, 1, 3, 3], says: "window of 3 does not fit"),
        Misfit(
            Convolution(), [1, 3, 8, 8], [4, 3, 3, 3], [3], says: "a bias of shape [4], got [3]"),
        Misfit(
            ConvolutionInputGradient(Convolution()), [1, 1, 3, 3], [1, 1, 2, 2], [1, 1, 3, 3],
            says: "of shape [1, 1, 2, 2], got [1, 1, 3, 3]"),
        Misfit(
            ConvolutionWeightGradient(Convolution()), [1, 1, 3, 3], [1, 1, 3, 3], [1, 1, 2, 2],
            says: "of shape [1, 1, 2, 2], got [1, 1, 3, 3]"),
        Misfit(
            FusedConvolution(Convolution(), rectifies: true, addsResidual: true), [1, 1, 3, 3],
            [1, 1, 2, 2], [1], [1, 1, 3, 3], says: "a residual of shape [1, 1, 2, 2]"),
        Misfit(
            FusedConvolution(Convolution(), rectifies: true, addsResidual: false), [1, 1, 3, 3],
            [1, 1, 2, 2], says: "expects 3 inputs, got 2"),
        Misfit(BatchNormalization(), [4], [4], [4], says: "[batch, channels, ...], got [4]"),
        Misfit(BatchNormalization(), [2, 3], [4], [3], says: "a scale of shape [3], got [4]"),
        Misfit(BatchNormalization(), [0, 3], [3], [3], says: "no elements"),
        Misfit(
            BatchNormalizationGradient(), [2, 4], [2, 3], [3], [3], [3],
            says: "the gradient of shape [2, 3], got [2, 4]"),
        Misfit(
            BatchNormalizationInference(), [2, 3], [3], [3], [3], [2],
            says: "a variance of shape [3], got [2]"),
        Misfit(LayerNormalization(), [2, 3], [3], [2], says: "an offset of shape [3], got [2]"),
        Misfit(LayerNormalization(axis: 2), [2, 3], [3], [3], says: "has no axis 2"),
        Misfit(
            LayerNormalizationGradient(axis: -1, epsilon: 0), [2, 2], [2, 3], [3],
            says: "the gradient of shape [2, 3], got [2, 2]"),
        Misfit(BroadcastTo([.size(2)]), [1, 3], says: "BroadcastTo 1 axes", "[1, 3]"),
        Misfit(BroadcastTo([.size(4)]), [3], says: "[3] does not broadcast to [4]"),
        Misfit(BroadcastTo([.batch(times: 1)]), [1], says: "expects 2 inputs, got 1"),
        Misfit(BatchIndex(), [], says: "[batch, ...], got []"),
        Misfit(pool, [1, 1, 2, 2], says: "MaximumPool expects a window that fits", "[1, 1, 2, 2]"),
        Misfit(pool, [2, 2], says: "[batch, channels", "[2, 2]"),
        Misfit(
            MaximumPool(window: [2, 2], padding: Padding(2)), [1, 1, 4, 4],
            says: "larger than its padding"),
        Misfit(MaximumPoolGradient(pool), [1, 1, 6, 6], [1, 1, 3, 3], says: "[1, 1, 2, 2]"),
        Misfit(average, [1, 1, 2, 2], says: "AveragePool expects a window that fits"),
        Misfit(AveragePoolGradient(average), [1, 1, 3, 3], [1, 1, 6, 6], says: "[1, 1, 2, 2]"),
        Misfit(Softmax(axis: 2), [2, 3], says: "Softmax has no axis 2"),
        Misfit(SoftmaxGradient(axis: 0), [2], [3], says: "of shape [2], got [3]"),
        Misfit(LogSoftmax(axis: -3), [2, 3], says: "LogSoftmax has no axis -3"),
        Misfit(LogSoftmaxGradient(axis: 0), [2], [3], says: "of shape [2], got [3]"),
        Misfit(MovingAverage(decay: 0.9), [2], [3], says: "a new value of shape [2], got [3]"),
        Misfit(
            NesterovUpdate(momentum: 0.9, weightDecay: 0), [2], [2], [3], [], [],
            says: "a velocity of shape [2], got [3]"),
        Misfit(
            NesterovUpdate(momentum: 0.9, weightDecay: 0), [2], [2], [2], [1], [],
            says: "a learning rate of shape [], got [1]"),
        Misfit(GlobalNorm(), says: "at least one input"),
        // Attributes may come from a file, so they never trap.
        Misfit(Clip(minimum: 1, maximum: 0), [2], says: "Clip to [1.0, 0.0] leaves no values"),
        Misfit(
            Convolution(strides: [0, 1]), [1, 1, 3, 3], [1, 1, 1, 1],
            says: "Convolution expects two strides of 1 or more, got [0, 1]"),
        Misfit(
            Convolution(groups: 0), [1, 1, 3, 3], [1, 1, 1, 1], says: "groups of 1 or more, got [0]"
        ),
        Misfit(
            Convolution(padding: Padding(-1)), [1, 1, 3, 3], [1, 1, 1, 1], says: "padding of 0 or"),
        Misfit(MaximumPool(window: [2]), [1, 1, 3, 3], says: "a window of 1 or more, got [2]"),
        Misfit(
            AveragePool(window: [2, 2], strides: [1, Int.max]), [1, 1, 3, 3], says: "two strides"),
        Misfit(Reshape(to: [.infer, .infer]), [4], says: "(4 elements) into [?, ?]"),
        Misfit(Reshape(to: [.size(-4)]), [4], says: "into [-4]"),
        Misfit(Reshape(to: [.size(Int.max), .size(Int.max)]), [4], says: "(4 elements) into"),
        Misfit(Transpose([0, 0]), [2, 2], says: "a permutation, got [0, 0]"),
        Misfit(Pad(before: [-1], after: [0]), [2], says: "padding before of 0 or more, got [-1]"),
        Misfit(Pad(before: [1], after: []), [2], says: "as much padding after"),
        Misfit(Slice(axis: 0, start: Int.min), [3], says: "from -9223372036854775808"),
        Misfit(Slice(axis: 0, start: 1, length: Int.max), [3], says: "leaves axis 0 of [3]"),
        Misfit(
            Resize(scale: .infinity, mode: .nearest), [1, 1, 2, 2], says: "up to 65536, got inf"),
    ]

    @Test func refusesShapesBeyondCounting() {
        var graph = Graph()
        let error = #expect(throws: GraphError.self) {
            try graph.input("x", [1 << 31, 1 << 31, 1 << 31])
        }
        #expect(error?.code == .shape)
    }

    @Test(arguments: misfits)
    func namesWhatWasFoundAndExpected(_ misfit: Misfit) throws {
        let error = #expect(throws: GraphError.self) {
            try misfit.operation.infer(misfit.shapes.map { TensorType($0) })
        }
        #expect(error?.code == .shape)
        for fragment in misfit.says {
            #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
        }
    }

    /// The graph adds the name of the node that could not be made.
    @Test func namesTheNode() throws {
        var graph = Graph()
        let a = try graph.input("a", [2])
        let b = try graph.input("b", [3])
        let error = #expect(throws: GraphError.self) {
            try graph.scoped("head") { try $0.add(Binary(.add), a, b, name: "sum") }
        }
        #expect(error?.node == "head.sum")
        #expect(error?.description.hasPrefix("head.sum: add expects") == true)
    }
}
