import PluginSupport

/// A binary PPM or PGM picture.
struct PNMPicture: RGBPicture {
    let file: PNMFile

    var format: String { file.channels == 1 ? "pgm" : "ppm" }
    var width: Int { file.width }
    var height: Int { file.height }
    var channels: Int { file.channels }
    var bitDepth: Int { 8 * file.bytesPerValue }

    func codedSize(minimumShortSide: Int) -> (height: Int, width: Int) { (height, width) }

    /// The reader of the header has compared the file's size already.
    func checkComplete() {}

    func read(minimumShortSide: Int) -> RGBPixels {
        var words = [UInt16](repeating: 0, count: height * width * channels)
        // Values above the declared maximum are over-exposed, not brighter than 1.
        let limit = UInt16(clamping: file.maximum)
        file.visit { words[$0] = min($1, limit) }
        return RGBPixels(
            height: height, width: width, channels: channels, maximum: file.maximum,
            samples: .words(words))
    }
}
