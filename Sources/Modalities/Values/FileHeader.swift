/// What a file says about itself before it is decoded.
package struct FileHeader: Sendable, Hashable {
    /// The file format: `jpeg`, `png`, `pgm`, `npy`, ...
    package var format: String
    /// Width and height in pixels as stored.
    package var width: Int, height: Int
    /// Channels as stored and bits of each.
    package var channels: Int, bitDepth: Int
    /// Sentences for the user about signs that something is declared wrongly.
    package var warnings: [String]

    /// Makes a header from its parts.
    package init(
        format: String, width: Int, height: Int, channels: Int, bitDepth: Int,
        warnings: [String] = []
    ) {
        self.format = format
        self.width = width
        self.height = height
        self.channels = channels
        self.bitDepth = bitDepth
        self.warnings = warnings
    }
}
