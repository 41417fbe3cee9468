import Graphs
import Tensors

extension GradientCase {
    static let shaping: [GradientCase] = [
        GradientCase("Reshape", .normal([2, 3, 4])) {
            try $0.reshape($1[0], [.copy(0), .size(2), .infer])
        },
        GradientCase("Reshape flatten", .normal([2, 3, 2, 2])) { try $0.flatten($1[0]) },
        GradientCase("ReshapeLike", .normal([2, 6]), .normal([3, 4]), fixed: [1]) {
            try $0.reshape($1[0], like: $1[1])
        },
        GradientCase("Transpose", .normal([2, 3, 4])) { try $0.transpose($1[0], [2, 0, 1]) },
        GradientCase("Concatenate channels", .normal([2, 3, 2]), .normal([2, 1, 2])) {
            try $0.concatenate([$1[0], $1[1], $1[0]], axis: 1)
        },
        GradientCase("Concatenate last", .normal([2, 3]), .normal([2, 4])) {
            try $0.concatenate($1, axis: -1)
        },
        GradientCase("Concatenate batches", .normal([2, 3]), .normal([1, 3]), .normal([3, 3])) {
            try $0.concatenate($1, axis: 0)
        },
        GradientCase("Slice", .normal([2, 5, 2])) {
            try $0.slice($1[0], axis: 1, start: 1, length: 3)
        },
        GradientCase("Slice to the end", .normal([4, 3])) {
            try $0.slice($1[0], axis: 0, start: -2)
        },
        GradientCase("Pad", .normal([2, 3, 2])) {
            try $0.pad($1[0], before: [0, 1, 2], after: [1, 0, 1], value: 3)
        },
        GradientCase("Gather", .normal([4, 3]), .whole([5], below: 4), fixed: [1]) {
            try $0.gather($1[0], indices: $1[1], axis: 0)
        },
        GradientCase("Gather inside", .normal([2, 3, 2]), .whole([2, 2], below: 3), fixed: [1]) {
            try $0.gather($1[0], indices: $1[1], axis: -2)
        },
        GradientCase("Resize nearest up", .normal([1, 2, 3, 2])) {
            try $0.resize($1[0], height: 5, width: 4, mode: .nearest)
        },
        GradientCase("Resize nearest down", .normal([1, 1, 5, 5])) {
            try $0.resize($1[0], height: 2, width: 3, mode: .nearest)
        },
        GradientCase("Resize bilinear up", .normal([2, 1, 3, 2])) {
            try $0.resize($1[0], scale: 2, mode: .bilinear)
        },
        GradientCase("Resize bilinear down", .normal([1, 1, 5, 7])) {
            try $0.resize($1[0], height: 3, width: 4, mode: .bilinear)
        },
    ]
}
