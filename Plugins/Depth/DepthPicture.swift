import PluginSupport

/// A depth picture's header and where its numbers come from.
struct DepthPicture {
    enum Source {
        case png(PNGDepth)
        case pgm(PNMFile)
        case npy(NPYFile)
    }

    let format: String
    let width: Int, height: Int, bitDepth: Int
    private let source: Source

    /// Recognises a file by its first bytes and refuses what cannot be metric depth.
    ///
    /// - Throws: `file.format`, `depth.lossy`, `depth.not_gray`, `depth.eight_bit` and what the
    ///   format's reader finds.
    init(_ file: SampleFile, options: DepthOptions) throws {
        if file.begins(with: PNGChunks.signature) {
            let png = try PNGDepth(file)
            (format, width, height, bitDepth) = ("png", png.width, png.height, png.bitDepth)
            source = .png(png)
        } else if file.begins(with: NPYFile.magic) {
            let npy = try NPYFile(file)
            (width, height) = (npy.width, npy.height)
            // Whether the numbers are whole decides what a unit is, where nothing else does.
            format = npy.element.isFloat ? "npy float" : "npy integer"
            bitDepth = npy.element.byteCount * 8
            source = .npy(npy)
        } else if PNMFile.recognises(file) {
            let pgm = try PNMFile(file)
            guard pgm.channels == 1 else {
                throw Self.notGray("a \(pgm.bytesPerValue * 8)-bit colour PPM")
            }
            (format, width, height) = ("pgm", pgm.width, pgm.height)
            bitDepth = pgm.bytesPerValue * 8
            source = .pgm(pgm)
        } else if file.begins(with: [0xFF, 0xD8, 0xFF]) {
            throw PluginFailure(
                "depth.lossy",
                "it is a JPEG, whose compression destroys metric depth: expected a 16-bit PNG, a "
                    + "16-bit PGM or an NPY array")
        } else {
            throw PluginFailure(
                "file.format",
                "it begins with \(file.firstBytes), expected a PNG, a binary PGM or an NPY array")
        }
        guard bitDepth > 8 || options.allowsEightBits else {
            throw PluginFailure(
                "depth.eight_bit",
                "it has \(bitDepth) bits a pixel, expected 16 (or an NPY of floats): 8 bits are "
                    + "usually a visualisation, not metric depth; save the sensor's raw values, or "
                    + "set `allow_8bit = true` with the right `scale`")
        }
    }

    /// The refusal of a picture whose pixels are colours.
    static func notGray(_ kind: String) -> PluginFailure {
        PluginFailure(
            "depth.not_gray",
            "it is \(kind), expected one channel of 16 bits: a coloured visualisation holds no "
                + "metric depth; save the sensor's raw values")
    }

    /// Checks that the file's end is there, without decoding.
    func checkComplete() throws {
        if case .png(let png) = source { try PNGChunks.checkComplete(png.file) }
    }

    /// Decodes the file into numbers as stored.
    func read(options: DepthOptions) throws -> DepthNumbers {
        switch source {
        case .png(let png):
            let words = try png.read()
            return .words(options.changesWords ? words.map(options.word) : words)
        case .pgm(let pgm):
            var words = [UInt16](repeating: 0, count: width * height)
            if pgm.bytesPerValue == 1 {
                pgm.visit { words[$0] = $1 }
            } else {
                pgm.visit { words[$0] = options.word($1) }
            }
            return .words(words)
        case .npy(let npy):
            if npy.element == .unsigned16 {
                var words = [UInt16](repeating: 0, count: width * height)
                npy.visit { words[$0] = UInt16($1) }
                if options.bitRotation > 0 {
                    words = words.map {
                        $0 >> options.bitRotation | $0 << (16 - options.bitRotation)
                    }
                }
                return .words(words)
            }
            var numbers = [Double](repeating: 0, count: width * height)
            npy.visit { numbers[$0] = $1 }
            return .numbers(numbers, areWhole: !npy.element.isFloat)
        }
    }
}

/// Depth as stored, before scale and validity.
enum DepthNumbers {
    case words([UInt16])
    case numbers([Double], areWhole: Bool)

    /// Metres a unit for these numbers.
    func scale(_ options: DepthOptions) -> Double {
        switch self {
        case .words: options.scale(ofWholeNumbers: true)
        case .numbers(_, let areWhole): options.scale(ofWholeNumbers: areWhole)
        }
    }

    /// Writes metres, 0 where invalid.
    func fill(_ output: UnsafeMutablePointer<Float>, options: DepthOptions) {
        let scale = scale(options)
        switch self {
        case .words(let words):
            MetresTable.of(options, scale: scale).look(up: words, into: output)
        case .numbers(let numbers, _):
            for (index, number) in numbers.enumerated() {
                output[index] = options.metres(number, scale: scale)
            }
        }
    }
}
