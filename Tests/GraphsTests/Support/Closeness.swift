import Tensors

/// The largest difference, relative to magnitudes above one. Infinite for other shapes.
func distance(_ left: Tensor<Double>, _ right: Tensor<Double>) -> Double {
    guard left.shape == right.shape else { return .infinity }
    return zip(left.values, right.values).reduce(0) { worst, pair in
        if pair.0 == pair.1 { return worst }
        let difference = abs(pair.0 - pair.1) / max(1, abs(pair.0), abs(pair.1))
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}
