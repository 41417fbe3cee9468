package import Graphs
import Tensors

/// Linear maps of the rows and of the columns of every channel.
extension Graph {
    /// Averages maps down to a smaller grid, whose sides need not divide their own.
    ///
    /// Cell i of n over m covers `[floor(i m / n), ceil((i + 1) m / n))`, as PyTorch's adaptive average
    /// pooling does.
    /// - Shapes: `[batch, channels, h, w]` to `[batch, channels, height, width]`.
    package mutating func averagePool(_ x: Value, toHeight height: Int, width: Int) throws -> Value
    {
        let shape = shape(of: x)
        let (h, w) = (shape[2], shape[3])
        guard (h, w) != (height, width) else { return x }
        if h % height == 0, w % width == 0 {
            return try averagePool(x, window: [h / height, w / width])
        }
        return try mapSides(
            x, rows: Self.poolingWeights(from: h, to: height),
            columns: Self.poolingWeights(from: w, to: width))
    }

    /// `y = R^T x C` of each channel.
    ///
    /// - Shapes: x `[batch, channels, h, w]`, R `[h, height]`, C `[w, width]`; y
    ///   `[batch, channels, height, width]`.
    mutating func mapSides(
        _ x: Value, rows: Tensor<Double>, columns: Tensor<Double>
    ) throws -> Value {
        let shape = shape(of: x)
        var y = try reshape(x, [.infer, .size(shape[2]), .size(shape[3])])
        y = try multiplyMatrices(y, constant(columns))
        y = try multiplyMatrices(transposeMatrices(y), constant(rows))
        return try reshape(
            transposeMatrices(y),
            [.infer, .size(shape[1]), .size(rows.shape[1]), .size(columns.shape[1])])
    }

    /// The weights of adaptive average pooling along one side, `[inputs, outputs]`.
    private static func poolingWeights(from inputs: Int, to outputs: Int) -> Tensor<Double> {
        var weights = Tensor<Double>(shape: [inputs, outputs], repeating: 0)
        for output in 0..<outputs {
            let first = output * inputs / outputs
            let last = ((output + 1) * inputs + outputs - 1) / outputs
            for input in first..<last { weights[input, output] = 1 / Double(last - first) }
        }
        return weights
    }
}
