/// What to generate.
package struct SynthesisOptions: Sendable, Equatable {
    /// What the manifest names as the label.
    package enum Task: String, CaseIterable, Sendable {
        /// The shape of the object, visible in both modalities.
        case shape
        /// The hue of the wall, visible in RGB only: a depth student must stay at chance.
        case colour
    }

    /// How colour pictures are stored.
    package enum ColourFormat: String, CaseIterable, Sendable {
        case jpeg = "jpg"
        case png
    }

    /// A named share of the scenes.
    package struct Split: Sendable, Equatable {
        package var name: String
        /// Relative to the sum over all splits.
        package var share: Double

        package init(_ name: String, share: Double) {
            self.name = name
            self.share = share
        }
    }

    /// How many pairs.
    package var pairs: Int
    /// Width and height in pixels.
    package var width: Int
    package var height: Int
    /// Equal seeds give equal scenes.
    package var seed: UInt64
    package var task: Task = .shape
    /// The probability that an object wears its own class's palette for sure; otherwise any of the ten.
    package var rho: Double = 0.95
    /// The layout's name, one of ``DatasetLayouts/names``.
    package var layout: String = "stem"
    package var colourFormat: ColourFormat = .jpeg
    /// 1 to 100.
    package var jpegQuality: Int = 92
    /// Whether depth and colour carry sensor noise; without it depth is exact to the millimetre.
    package var sensorNoise: Bool = true
    /// Scenes are dealt to the splits in turn, so that every prefix keeps the shares.
    package var splits: [Split] = [Split("train", share: 0.8), Split("test", share: 0.2)]
    /// How many threads write; 0 means all cores. The result does not depend on it.
    package var threads: Int = 0
    /// Whether an earlier synthetic set in the folder may be replaced.
    package var force: Bool = false

    package init(pairs: Int, width: Int, height: Int, seed: UInt64) {
        self.pairs = pairs
        self.width = width
        self.height = height
        self.seed = seed
    }

    /// Square pictures.
    package init(pairs: Int, size: Int, seed: UInt64) {
        self.init(pairs: pairs, width: size, height: size, seed: seed)
    }

    /// The picture's width and height from `64` or `640x480`.
    ///
    /// - Throws: ``SynthesisError`` with code `invalidOption`.
    package static func size(parsing text: String) throws -> (width: Int, height: Int) {
        let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, (1...2).contains(numbers.count) else {
            throw SynthesisError.invalidOption(
                "size", found: "\"\(text)\"",
                expected: "one number of pixels such as 64, or width and height such as 640x480")
        }
        return (numbers[0], numbers[numbers.count - 1])
    }

    /// - Throws: ``SynthesisError`` with code `invalidOption`, naming the first bad option.
    func validate() throws {
        func check(_ good: Bool, _ option: String, _ found: Any, _ expected: String) throws {
            guard good else {
                throw SynthesisError.invalidOption(option, found: "\(found)", expected: expected)
            }
        }
        try check((1...10_000_000).contains(pairs), "pairs", pairs, "1 to 10000000")
        try check((16...4096).contains(width), "width", width, "16 to 4096 pixels")
        try check((16...4096).contains(height), "height", height, "16 to 4096 pixels")
        try check(rho >= 0 && rho <= 1, "rho", rho, "a probability from 0 to 1")
        try check((1...100).contains(jpegQuality), "jpegQuality", jpegQuality, "1 to 100")
        try check(threads >= 0, "threads", threads, "0 (all cores) or more")
        try check(
            !splits.isEmpty && splits.allSatisfy { $0.share >= 0 && $0.share.isFinite }
                && splits.contains { $0.share > 0 },
            "splits", splits.map { "\($0.name)=\($0.share)" }.joined(separator: ", "),
            "shares that are not negative, one of them positive")
        try check(
            splits.allSatisfy { split in
                !split.name.isEmpty
                    && split.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }, "splits", splits.map(\.name).joined(separator: ", "),
            "names of ASCII letters and digits")
    }
}
