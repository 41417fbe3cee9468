import Graphs
import Tensors

extension Graph {
    /// Averages a feature map down to a smaller grid whose sides need not divide its own.
    ///
    /// Output cell i of n over m input cells covers [floor(i m / n), ceil((i + 1) m / n)), as in PyTorch's
    /// adaptive average pooling. The average is linear, so it is one product with a constant matrix.
    /// - Shapes: `[batch, channels, h, w]` to `[batch, channels, height, width]`.
    mutating func adaptiveAveragePool(
        _ x: Value, height: Int, width: Int
    ) throws -> Value {
        let shape = shape(of: x)
        let (h, w) = (shape[2], shape[3])
        guard (h, w) != (height, width) else { return x }
        let rows = AdaptivePooling.weights(from: h, to: height)
        let columns = AdaptivePooling.weights(from: w, to: width)
        var matrix = Tensor<Double>(shape: [h * w, height * width], repeating: 0)
        for i in 0..<h {
            for j in 0..<w {
                for p in 0..<height where rows[i][p] != 0 {
                    for q in 0..<width {
                        matrix[i * w + j, p * width + q] = rows[i][p] * columns[j][q]
                    }
                }
            }
        }
        let flat = try reshape(x, [.copy(0), .copy(1), .size(h * w)])
        let pooled = try multiplyMatrices(flat, constant(matrix))
        return try reshape(pooled, [.copy(0), .copy(1), .size(height), .size(width)])
    }
}

/// The one-dimensional weights of adaptive average pooling.
enum AdaptivePooling {
    /// `weights[input][output]`; the weights of an output sum to one.
    static func weights(from inputs: Int, to outputs: Int) -> [[Double]] {
        var weights = [[Double]](
            repeating: [Double](repeating: 0, count: outputs), count: inputs)
        for output in 0..<outputs {
            let first = output * inputs / outputs
            let last = ((output + 1) * inputs + outputs - 1) / outputs
            for input in first..<last { weights[input][output] = 1 / Double(last - first) }
        }
        return weights
    }
}
