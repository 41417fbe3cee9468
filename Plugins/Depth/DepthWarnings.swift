/// Signs that the `[depth]` section describes the numbers wrongly.
enum DepthWarnings {
    /// Looks at decoded numbers and says what seems wrong, one sentence each.
    static func sniff(_ numbers: DepthNumbers, options: DepthOptions) -> [String] {
        var warnings: [String] = []
        if case .words(let words) = numbers, options.bitRotation == 0 {
            let present = words.filter { $0 != 0 }
            let divisible = present.count { $0 % 8 == 0 }
            if present.count >= 64, Double(divisible) >= 0.99 * Double(present.count) {
                warnings.append(
                    "nearly all values are divisible by 8, as in SUN RGB-D, which stores rotated "
                        + "bits: set `bit_rotation = 3` in [depth] if it is from there")
            }
        }
        if options.givenScale == nil, case .words = numbers {
            warnings.append(
                "[depth] gives no `scale`: one unit is taken as a millimetre (scale = 0.001)")
        }
        var metres = metresOfValid(numbers, options: options)
        guard !metres.isEmpty else {
            return warnings + ["no pixel holds a valid depth: check `scale` and `maximum`"]
        }
        metres.sort()
        let median = metres[metres.count / 2]
        if !(0.2...20).contains(median) {
            let text = Double((median * 1000).rounded() / 1000)
            warnings.append(
                "the median depth is \(text) m, outside 0.2 to 20 m: check `scale` "
                    + "(now \(numbers.scale(options)))")
        }
        return warnings
    }

    private static func metresOfValid(
        _ numbers: DepthNumbers, options: DepthOptions
    ) -> [Float] {
        let count =
            switch numbers {
            case .words(let words): words.count
            case .numbers(let numbers, _): numbers.count
            }
        var metres = [Float](repeating: 0, count: count)
        metres.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            numbers.fill(start, options: options)
        }
        return metres.filter { $0 > 0 }
    }
}
