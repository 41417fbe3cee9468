import PluginSupport

/// A colour picture in one of the formats that the plugin reads.
protocol RGBPicture {
    /// What the file says about itself.
    var format: String { get }
    var width: Int { get }
    var height: Int { get }
    var channels: Int { get }
    var bitDepth: Int { get }
    /// The size that `read` gives: codecs that can decode at a reduced size do.
    func codedSize(minimumShortSide: Int) throws -> (height: Int, width: Int)
    /// Checks that the file's end is there, without decoding.
    func checkComplete() throws
    func read(minimumShortSide: Int) throws -> RGBPixels
}

/// Interleaved samples as a codec gave them.
struct RGBPixels {
    enum Samples {
        case bytes([UInt8])
        case words([UInt16])
    }

    let height: Int, width: Int
    /// Interleaved channels: 3, or 1 for gray.
    let channels: Int
    /// The sample value that means 1.
    let maximum: Int
    let samples: Samples

    /// Writes one of the three planes as values of 0...1.
    func fill(plane: Int, into output: UnsafeMutablePointer<Float>) {
        let scale = 1 / Float(maximum)
        let offset = channels == 1 ? 0 : plane
        switch samples {
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { bytes in
                for pixel in 0..<height * width {
                    output[pixel] = Float(bytes[pixel * channels + offset]) * scale
                }
            }
        case .words(let words):
            words.withUnsafeBufferPointer { words in
                for pixel in 0..<height * width {
                    output[pixel] = Float(words[pixel * channels + offset]) * scale
                }
            }
        }
    }
}

enum RGBPictures {
    /// The picture in a file, told by its first bytes, turned as its EXIF orientation says.
    ///
    /// - Throws: `file.format` and what the format's reader finds.
    static func open(_ file: SampleFile) throws -> any RGBPicture {
        let stored = try openStored(file)
        let orientation = ExifOrientation.of(file)
        return orientation == .upright
            ? stored : TurnedPicture(stored: stored, orientation: orientation)
    }

    private static func openStored(_ file: SampleFile) throws -> any RGBPicture {
        if file.begins(with: [0xFF, 0xD8, 0xFF]) { return try JPEGPicture(file) }
        if file.begins(with: PNGChunks.signature) { return try PNGPicture(file) }
        if PNMFile.recognises(file) { return PNMPicture(file: try PNMFile(file)) }
        throw PluginFailure(
            "file.format",
            "it begins with \(file.firstBytes), expected a JPEG, PNG or binary PPM picture")
    }

    /// The size of a decoded sample.
    static func size(of picture: any RGBPicture, minimumShortSide: Int) throws -> DecodedSize {
        let coded = try picture.codedSize(minimumShortSide: minimumShortSide)
        return DecodedSize(
            height: coded.height, width: coded.width, minimumShortSide: minimumShortSide)
    }

    /// Decodes into three planes of the given size.
    static func fill(
        _ picture: any RGBPicture, size: DecodedSize, minimumShortSide: Int,
        into output: UnsafeMutablePointer<Float>
    ) throws {
        let pixels = try picture.read(minimumShortSide: minimumShortSide)
        let area = size.height * size.width
        if pixels.height == size.height, pixels.width == size.width {
            for plane in 0..<3 { pixels.fill(plane: plane, into: output + plane * area) }
            return
        }
        let resampler = try Resampler(
            sourceHeight: pixels.height, sourceWidth: pixels.width, outputHeight: size.height,
            outputWidth: size.width)
        let full = UnsafeMutablePointer<Float>.allocate(capacity: pixels.height * pixels.width)
        defer { full.deallocate() }
        for plane in 0..<3 {
            pixels.fill(plane: plane, into: full)
            resampler.resize(full, into: output + plane * area)
        }
    }
}
