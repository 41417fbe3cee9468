/// Which source pixels one axis of the output is made of, and with what weights.
///
/// The filter is a triangle as wide as an output pixel is in the source, at least one source pixel:
/// bilinear interpolation when enlarging, an antialiased mean when reducing. Weights of an output
/// pixel add up to 1; pixels beyond the picture's border do not count.
final class AxisWeights {
    /// Per output pixel: the first source pixel, relative to `sources.lowerBound`.
    let first: UnsafeMutableBufferPointer<Int>
    /// Per output pixel: how many source pixels follow one another.
    let count: UnsafeMutableBufferPointer<Int>
    /// `stride` weights an output pixel.
    let weights: UnsafeMutableBufferPointer<Float>
    let stride: Int
    /// The source pixels that any output pixel needs.
    let sources: Range<Int>

    /// Maps `length` source pixels from `start` on to `outputCount` pixels.
    init(sourceCount: Int, start: Double, length: Double, outputCount: Int) {
        let scale = length / Double(outputCount)
        let support = max(scale, 1)
        stride = Int(support * 2) + 3
        first = .allocate(capacity: outputCount)
        count = .allocate(capacity: outputCount)
        weights = .allocate(capacity: stride * outputCount)
        var base = sourceCount
        var end = 0
        for output in 0..<outputCount {
            let center = start + (Double(output) + 0.5) * scale
            let lower = min(max(Int((center - support).rounded(.down)), 0), sourceCount - 1)
            let upper = max(min(Int((center + support).rounded(.up)), sourceCount), lower + 1)
            func weight(_ index: Int) -> Double {
                1 - abs(Double(index) + 0.5 - center) / support
            }
            // A triangle is above 0 in one piece.
            var begin = lower
            while begin < upper, weight(begin) <= 1e-9 { begin += 1 }
            var taps = 0
            var sum = 0.0
            while begin + taps < upper, weight(begin + taps) > 1e-9 {
                sum += weight(begin + taps)
                taps += 1
            }
            let target = output * stride
            if taps == 0 {
                // Only a center beyond the border leaves nothing: take the border's pixel.
                begin = center < 0 ? 0 : sourceCount - 1
                taps = 1
                weights.initializeElement(at: target, to: 1)
            } else {
                for tap in 0..<taps {
                    weights.initializeElement(
                        at: target + tap, to: Float(weight(begin + tap) / sum))
                }
            }
            first.initializeElement(at: output, to: begin)
            count.initializeElement(at: output, to: taps)
            base = min(base, begin)
            end = max(end, begin + taps)
        }
        sources = min(base, end)..<end
        for output in 0..<outputCount { first[output] -= base }
    }

    deinit {
        first.deallocate()
        count.deallocate()
        weights.deallocate()
    }
}
