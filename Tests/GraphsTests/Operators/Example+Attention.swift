import Graphs
import Tensors

extension Example {
    static let attention: [Example] = [
        // Mean 2 and variance 2/3; mean 4 and variance 8/3.
        Example(
            LayerNormalization(epsilon: 0),
            [tensor([2, 3], 1, 2, 3, 2, 4, 6), tensor([3], 1, 2, 3), tensor([3], 0, 1, 0)],
            gives: tensor(
                [2, 3], -1.224744871, 1, 3.674234614, -1.224744871, 1, 3.674234614)),
        Example(
            LayerNormalization(axis: 1, epsilon: 0),
            [tensor([1, 2, 1, 2], 1, 5, 3, 1), tensor([2], 1, 1), tensor([2], 0, 10)],
            gives: tensor([1, 2, 1, 2], -1, 1, 11, 9)),
        Example(
            BroadcastTo([.batch(times: 2), .keep, .size(2)]),
            [tensor([2, 1], 1, 2), counting([2])],
            gives: tensor([4, 2, 2], 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2)),
        Example(BatchIndex(), [counting([3, 2])], gives: tensor([3], 0, 1, 2)),
    ]
}
