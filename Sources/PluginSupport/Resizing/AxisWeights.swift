/// Which source pixels one axis of the output is made of, and with what weights.
///
/// The filter is a triangle as wide as an output pixel is in the source, at least one source pixel:
/// bilinear interpolation when enlarging, an antialiased mean when reducing. Weights of an output
/// pixel add up to 1; pixels beyond the picture's border do not count.
struct AxisWeights {
    /// Per output pixel: the first source pixel, relative to `sources.lowerBound`.
    private(set) var first: [Int]
    /// Per output pixel: how many source pixels follow one another.
    private(set) var count: [Int]
    /// `stride` weights an output pixel.
    private(set) var weights: [Float]
    let stride: Int
    /// The source pixels that any output pixel needs.
    let sources: Range<Int>

    /// Maps `length` source pixels from `start` on to `outputCount` pixels.
    init(sourceCount: Int, start: Double, length: Double, outputCount: Int) {
        let scale = length / Double(outputCount)
        let support = max(scale, 1)
        stride = Int(support * 2) + 3
        first = []
        count = []
        weights = [Float](repeating: 0, count: stride * outputCount)
        for output in 0..<outputCount {
            let center = start + (Double(output) + 0.5) * scale
            let lower = min(max(Int((center - support).rounded(.down)), 0), sourceCount - 1)
            let upper = max(min(Int((center + support).rounded(.up)), sourceCount), lower + 1)
            var taps: [(index: Int, weight: Double)] = []
            for index in lower..<upper {
                let weight = 1 - abs(Double(index) + 0.5 - center) / support
                if weight > 1e-9 { taps.append((index, weight)) }
            }
            // Only a center beyond the border leaves nothing: take the border's pixel.
            if taps.isEmpty { taps = [(center < 0 ? 0 : sourceCount - 1, 1)] }
            let sum = taps.reduce(0) { $0 + $1.weight }
            first.append(taps[0].index)
            count.append(taps.count)
            for (offset, tap) in taps.enumerated() {
                weights[output * stride + offset] = Float(tap.weight / sum)
            }
        }
        let base = first.min() ?? 0
        let end = zip(first, count).map { $0 + $1 }.max() ?? base
        sources = base..<end
        for output in first.indices { first[output] -= base }
    }
}
