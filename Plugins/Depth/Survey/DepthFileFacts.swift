/// What one file's stored numbers look like.
struct DepthFileFacts {
    let format: String
    let bitDepth: Int
    /// Whether the file holds whole numbers.
    let isWhole: Bool
    /// Numbers looked at, those that are not 0, and those that are a valid depth.
    private(set) var pixels = 0, present = 0, valid = 0
    /// Present numbers whose depth lies beyond the maximum, or beyond 20 m where none is given.
    private(set) var beyond = 0
    /// Stored numbers that are present, of a few hundred pixels spread over the picture.
    private(set) var stored: [Float] = []
    /// Metres of valid pixels among those.
    private(set) var metres: [Float] = []
    /// All pixels, the largest stored number and how many of them hold it.
    let area: Int
    private(set) var largest = 0.0, largestCount = 0
    /// Present numbers divisible by 8, and by 256 or 257 (as eight bits stretched to sixteen are).
    private(set) var divisibleBy8 = 0, stretched = 0
    /// Neighbours that differ, and those that differ by less than 5 %: as read, and with their bytes swapped.
    private(set) var neighbours = 0, smooth = 0, smoothSwapped = 0
    /// See `DepthGrid`.
    let trend: Double?
    let plane: (median: Double, count: Int)?

    /// - Parameter numbers: Read with the options given.
    init(_ picture: DepthPicture, _ numbers: DepthNumbers, options: DepthOptions) {
        format = picture.format
        bitDepth = picture.bitDepth
        let (width, height) = (picture.width, picture.height)
        let scale = numbers.scale(options)
        let words: [UInt16]?
        let number: (Int) -> Double
        switch numbers {
        case .words(let read):
            words = read
            isWhole = true
            number = { Double(read[$0]) }
        case .numbers(let read, let areWhole):
            words = nil
            isWhole = areWhole
            number = { read[$0] }
        }
        for pixel in 0..<width * height {
            let value = number(pixel)
            // What the manifest says is no reading says nothing.
            if value == options.invalid { continue }
            if value > largest, value.isFinite { (largest, largestCount) = (value, 0) }
            if value == largest { largestCount += 1 }
        }
        area = width * height
        let limit = options.maximum.isFinite ? options.maximum : 20
        // Up to some 20,000 pixels a file; an odd step does not stay in a few columns of an even width.
        let step = width * height > 20_000 ? max(1, width * height / 20_000) | 1 : 1
        let keep = max(1, width * height / step / 512)
        for (count, pixel) in stride(from: 0, to: width * height, by: step).enumerated() {
            let value = number(pixel)
            pixels += 1
            guard value.isFinite, value > 0, value != options.invalid else { continue }
            present += 1
            let depth = options.metres(value, scale: scale)
            if depth > 0 { valid += 1 }
            if value * scale > limit { beyond += 1 }
            if count % keep == 0 {
                stored.append(Float(value))
                if depth > 0 { metres.append(depth) }
            }
            if isWhole, value < 65_536 {
                let whole = Int(value)
                if whole % 8 == 0 { divisibleBy8 += 1 }
                if whole % 257 == 0 || whole % 256 == 0 { stretched += 1 }
            }
            if let words, pixel + 1 < words.count, words[pixel + 1] != 0,
                words[pixel + 1] != words[pixel]
            {
                let (a, b) = (words[pixel], words[pixel + 1])
                neighbours += 1
                smooth += Self.isSmooth(a, b) ? 1 : 0
                smoothSwapped += Self.isSmooth(a.byteSwapped, b.byteSwapped) ? 1 : 0
            }
        }
        // The largest number often means that there is no reading.
        let (top, isCommon) = (largest, Double(largestCount) > 0.005 * Double(area))
        let grid = DepthGrid(width: width, height: height, isWhole: isWhole, stored: number) {
            $0.isFinite && $0 > 0 && $0 != options.invalid && !(isCommon && $0 == top)
        }
        trend = grid.trend
        let figures = grid.planeFigures.sorted()
        plane =
            figures.isEmpty ? nil : (Double(figures[figures.count / 2]), figures.count)
    }

    private static func isSmooth(_ a: UInt16, _ b: UInt16) -> Bool {
        20 * abs(Int(a) - Int(b)) <= Int(max(a, b))
    }
}
