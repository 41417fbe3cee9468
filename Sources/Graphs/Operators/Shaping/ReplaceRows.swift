package import Tensors

/// A tensor with some of its slices along the first axis replaced: how a memory takes new rows in.
///
/// `y = x`, then `y[indices[i]] = rows[i]` in order, so that of equal indices the last one counts.
/// - Shapes: inputs x `[count, ...]`, indices `[n]` and rows `[n, ...]`; y as x. Negative indices count from
///   the end. It has no derivative.
package struct ReplaceRows: Operator {
    package static let kind = "ReplaceRows"

    package init() {}

    package func infer(_ inputs: [TensorType]) throws -> [TensorType] {
        try expect(inputs, count: 3)
        try expect("indices", inputs[1], rank: 1...1, as: "[n]")
        _ = try resolve(0, in: inputs[0].shape)
        let row = inputs[0].shape.dimensions.dropFirst()
        try expect("rows", inputs[2], shape: Shape([inputs[1].shape[0]] + row))
        return [inputs[0]]
    }

    package func evaluate(
        _ inputs: [Tensor<Double>], outputs: [TensorType]
    ) throws -> [Tensor<Double>] {
        var result = inputs[0]
        let width = outputs[0].shape.dimensions.dropFirst().reduce(1, *)
        let rows = try Gather.rows(inputs[1], of: outputs[0].shape[0])
        for (source, row) in rows.enumerated() {
            result.values.replaceSubrange(
                (row * width)..<((row + 1) * width),
                with: inputs[2].values[(source * width)..<((source + 1) * width)])
        }
        return [result]
    }
}

extension Graph {
    /// `x` with the slices of these indices along its first axis replaced.
    package mutating func replaceRows(
        of x: Value, at indices: Value, with rows: Value
    ) throws -> Value {
        try add(ReplaceRows(), x, indices, rows)
    }
}
