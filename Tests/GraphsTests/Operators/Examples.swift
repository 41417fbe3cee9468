import Graphs
import Tensors

extension Example {
    static let pointwise: [Example] = [
        Example(Affine(scale: 2, offset: -1), [tensor([2], 3, 0)], gives: tensor([2], 5, -1)),
        Example(
            Clip(minimum: -1, maximum: 2), [tensor([3], -5, 1, 7)], gives: tensor([3], -1, 1, 2)),
        Example(Rectifier(), [tensor([3], -5, 0, 7)], gives: tensor([3], 0, 0, 7)),
        Example(
            RectifierGradient(), [tensor([3], 0, 1, 2), tensor([3], 5, 6, 7)],
            gives: tensor([3], 0, 6, 7)),
        Example(StopGradient(), [tensor([1], 3)], gives: tensor([1], 3)),
        Example(
            Binary(.subtract), [tensor([2, 1], 10, 20), tensor([3], 1, 2, 3)],
            gives: tensor([2, 3], 9, 8, 7, 19, 18, 17)),
        Example(
            Binary(.maximum), [tensor([3], 1, 5, 3), tensor([], 3)], gives: tensor([3], 3, 5, 3)),
        Example(
            Binary(.minimum), [tensor([3], 1, 5, 3), tensor([], 3)], gives: tensor([3], 1, 3, 3)),
        Example(
            Binary(.power), [tensor([2], 2, 9), tensor([2], 3, 0.5)], gives: tensor([2], 8, 3)),
        Example(
            Binary(.greater), [tensor([3], 1, 5, 3), tensor([], 3)], gives: tensor([3], 0, 1, 0)),
        Example(
            Binary(.equal), [tensor([3], 1, 5, 3), tensor([], 3)], gives: tensor([3], 0, 0, 1)),
        Example(
            Binary(.divide), [tensor([2], 1, 5), tensor([1], 2)], gives: tensor([2], 0.5, 2.5)),
        Example(
            Select(), [tensor([2, 1], 0, 2), tensor([2], 1, 2), tensor([], 9)],
            gives: tensor([2, 2], 9, 9, 1, 2)),
        Example(
            Softmax(axis: 0), [tensor([2, 2], 0, 0, 0, 1.0986122886681098)],
            gives: tensor([2, 2], 0.5, 0.25, 0.5, 0.75)),
        Example(
            SoftmaxGradient(axis: 0), [tensor([2], 0.25, 0.75), tensor([2], 4, 0)],
            gives: tensor([2], 0.75, -0.75)),
        Example(
            LogSoftmaxGradient(axis: 0), [tensor([2], 0, -1000), tensor([2], 4, 1)],
            gives: tensor([2], -1, 1)),
    ]

    static let rearranging: [Example] = [
        Example(Reduce(.sum), [counting([2, 3])], gives: tensor([], 21)),
        Example(Reduce(.mean, axes: [0]), [counting([2, 3])], gives: tensor([3], 2.5, 3.5, 4.5)),
        Example(
            Reduce(.maximum, axes: [-1], keepDimensions: true), [counting([2, 3])],
            gives: tensor([2, 1], 3, 6)),
        Example(Reduce(.minimum, axes: [0, 1]), [counting([2, 3])], gives: tensor([], 1)),
        Example(
            Reduce(.sum, axes: [0]), [Tensor(shape: [0, 2], values: [])], gives: tensor([2], 0, 0)),
        Example(
            ReduceMeanGradient(axes: [1], keepDimensions: false),
            [tensor([2], 3, 6), counting([2, 3])],
            gives: tensor([2, 3], 1, 1, 1, 2, 2, 2)),
        Example(ReduceLike(), [counting([2, 3]), tensor([1], 0)], gives: tensor([1], 21)),
        Example(
            ReduceLike(), [counting([2, 3]), counting([2, 1])], gives: tensor([2, 1], 6, 15)),
        Example(
            BroadcastLike(), [tensor([2, 1], 1, 2), counting([2, 2])],
            gives: tensor([2, 2], 1, 1, 2, 2)),
        Example(
            ArgMax(axis: 1), [tensor([2, 3], 1, 7, 7, 9, 0, 3)], gives: tensor([2], 1, 0)),
        Example(
            ArgMax(axis: 0, keepDimensions: true), [tensor([2, 2], 1, 7, 2, 0)],
            gives: tensor([1, 2], 1, 0)),
        Example(
            Reshape(to: [.infer, .copy(0)]), [counting([2, 3])],
            gives: tensor([3, 2], 1, 2, 3, 4, 5, 6)),
        Example(
            ReshapeLike(), [counting([2, 2]), counting([4])], gives: tensor([4], 1, 2, 3, 4)),
        Example(
            Transpose([1, 0]), [counting([2, 3])], gives: tensor([3, 2], 1, 4, 2, 5, 3, 6)),
        Example(
            Transpose([1, 2, 0]), [counting([2, 1, 2])], gives: tensor([1, 2, 2], 1, 3, 2, 4)),
        Example(
            Concatenate(axis: 1), [counting([2, 1]), counting([2, 2])],
            gives: tensor([2, 3], 1, 1, 2, 2, 3, 4)),
        Example(
            ConcatenateGradient(axis: 0), [counting([4]), tensor([1], 0), tensor([2], 0, 0)],
            gives: tensor([2], 2, 3)),
        Example(
            Slice(axis: -1, start: 1, length: 1), [counting([2, 3])], gives: tensor([2, 1], 2, 5)),
        Example(Slice(axis: 0, start: -1), [counting([2, 3])], gives: tensor([1, 3], 4, 5, 6)),
        Example(
            SliceGradient(axis: 0, start: -2), [tensor([1], 5), counting([3])],
            gives: tensor([3], 0, 5, 0)),
        Example(
            Pad(before: [0, 1], after: [1, 0], value: 9), [counting([1, 2])],
            gives: tensor([2, 3], 9, 1, 2, 9, 9, 9)),
        Example(
            PadGradient(before: [0, 1]), [counting([2, 3]), counting([1, 2])],
            gives: tensor([1, 2], 2, 3)),
        Example(
            Gather(axis: 1), [counting([2, 3]), tensor([2], -1, 0)],
            gives: tensor([2, 2], 3, 1, 6, 4)),
        Example(
            GatherGradient(axis: 0), [counting([3]), tensor([3], 1, 1, 0), tensor([2], 0, 0)],
            gives: tensor([2], 3, 3)),
        Example(
            ReplaceRows(),
            [counting([3, 2]), tensor([3], 2, -3, 2), tensor([3, 2], 7, 7, 8, 8, 9, 9)],
            gives: tensor([3, 2], 8, 8, 3, 4, 9, 9)),
        // A right angle at the origin becomes a straight line: 2 of 27 triplets change by 1 there, 4 at the
        // ends by 1 - 1/sqrt(2).
        Example(
            AngleDifference(),
            [
                tensor([3, 3], 0, 0, 0, 0, 1, 0, 0, 0, 1),
                tensor([3, 3], 0, 0, 0, 0, 1, -1, 0, -1, 1),
            ],
            gives: tensor([], (2 * 0.5 + 4 * 0.04289321881345254) / 27)),
        Example(
            MatrixMultiply(), [counting([2, 2]), counting([2, 2])],
            gives: tensor([2, 2], 7, 10, 15, 22)),
        Example(
            MatrixMultiply(transposeLeft: true, transposeRight: true),
            [counting([2, 1]), counting([3, 2])], gives: tensor([1, 3], 5, 11, 17)),
    ]

    static let spatial: [Example] = [
        Example(
            Convolution(padding: Padding(top: 1)),
            [counting([1, 1, 2, 2]), tensor([1, 1, 2, 1], 10, 1), tensor([1], 0.5)],
            gives: tensor([1, 1, 2, 2], 1.5, 2.5, 13.5, 24.5)),
        Example(
            Convolution(strides: [1, 2], dilations: [1, 2]),
            [counting([1, 1, 1, 5]), tensor([1, 1, 1, 2], 1, 10)],
            gives: tensor([1, 1, 1, 2], 31, 53)),
        Example(
            Convolution(groups: 2),
            [counting([1, 2, 1, 1]), tensor([4, 1, 1, 1], 1, 2, 3, 4)],
            gives: tensor([1, 4, 1, 1], 1, 2, 6, 8)),
        Example(
            FusedConvolution(Convolution(), rectifies: true, addsResidual: true),
            [
                counting([1, 1, 1, 2]), tensor([1, 1, 1, 1], -2), tensor([1], 1),
                tensor([1, 1, 1, 2], 3, 2),
            ],
            gives: tensor([1, 1, 1, 2], 2, 0)),
        Example(
            MaximumPool(window: [2, 2], strides: [2, 2], ceilMode: true), [counting([1, 1, 3, 3])],
            gives: tensor([1, 1, 2, 2], 5, 6, 8, 9)),
        // In ceil mode a third window would begin in the right padding, so there are two, as in torch.
        Example(
            MaximumPool(
                window: [1, 2], strides: [1, 2], padding: Padding(left: 1, right: 1), ceilMode: true
            ),
            [tensor([1, 1, 1, 3], -3, -2, -1)], gives: tensor([1, 1, 1, 2], -3, -1)),
        Example(
            MaximumPoolGradient(MaximumPool(window: [2, 2])),
            [tensor([1, 1, 2, 2], 5, 7, 7, 7), tensor([1, 1, 1, 1], 3)],
            gives: tensor([1, 1, 2, 2], 0, 3, 0, 0)),
        Example(
            AveragePool(window: [1, 2], padding: Padding(left: 1)),
            [tensor([1, 1, 1, 3], 4, 6, 8)],
            gives: tensor([1, 1, 1, 2], 2, 7)),
        Example(
            AveragePool(window: [1, 2], padding: Padding(left: 1), countsPadding: false),
            [tensor([1, 1, 1, 3], 4, 6, 8)], gives: tensor([1, 1, 1, 2], 4, 7)),
        Example(
            AveragePool(window: [1, 2], strides: [1, 2], ceilMode: true),
            [tensor([1, 1, 1, 3], 4, 6, 8)], gives: tensor([1, 1, 1, 2], 5, 8)),
        Example(
            Resize(scale: 2, mode: .nearest), [counting([1, 1, 1, 2])],
            gives: tensor([1, 1, 2, 4], 1, 1, 2, 2, 1, 1, 2, 2)),
        // torch.nn.functional.interpolate(mode="bilinear", align_corners=False)
        Example(
            Resize(height: 1, width: 4, mode: .bilinear), [tensor([1, 1, 1, 2], 0, 1)],
            gives: tensor([1, 1, 1, 4], 0, 0.25, 0.75, 1)),
    ]

    static let training: [Example] = [
        Example(
            BatchNormalization(epsilon: 0),
            [tensor([3, 1], 1, 2, 6), tensor([1], 2), tensor([1], 10)],
            gives: tensor([3, 1], 8.148359796, 9.074179898, 12.777460307), tensor([1], 3),
            tensor([1], 14.0 / 3), tensor([1], 7)),
        Example(
            BatchNormalizationInference(epsilon: 1),
            [
                counting([1, 2, 1, 2]), tensor([2], 1, 2), tensor([2], 0, 1), tensor([2], 1, 3),
                tensor([2], 3, 0),
            ],
            gives: tensor([1, 2, 1, 2], 0, 0.5, 1, 3)),
        Example(
            MovingAverage(decay: 0.75), [tensor([1], 4), tensor([1], 8)], gives: tensor([1], 5)),
        // g' = 0.5 * 4 + 0.1 * 10 = 3, v' = 0.9 * 2 + 3 = 4.8, p' = 10 - 0.1 (3 + 0.9 * 4.8)
        Example(
            NesterovUpdate(momentum: 0.9, weightDecay: 0.1),
            [tensor([1], 10), tensor([1], 4), tensor([1], 2), tensor([], 0.1), tensor([], 0.5)],
            gives: tensor([1], 9.268), tensor([1], 4.8)),
        Example(
            GlobalNorm(), [tensor([2], 1, 2), tensor([1, 1], 2), tensor([], 4)],
            gives: tensor([], 5)),
    ]
}
