/// How whole pictures and views are brought to a network's input where it wants it otherwise than the plugin does it.
package struct PictureFraming: Sendable, Hashable {
    /// Which filter resizes: each as wide as an output pixel is in the picture, as Pillow's `resize`.
    package enum Filter: String, Sendable, Hashable {
        /// The plugin's own, a triangle.
        case bilinear
        case nearest, bicubic
    }

    package var filter: Filter
    /// The part of a whole picture's shorter side that a square in its middle keeps; nil: the whole picture.
    package var crop: Double?

    package init(filter: Filter = .bilinear, crop: Double? = nil) {
        self.filter = filter
        self.crop = crop
    }

    package static let usual = PictureFraming()

    /// Goes into cache keys; nil where the plugin does everything.
    var identity: String? {
        self == .usual ? nil : "\(filter.rawValue) \(crop.map { String($0) } ?? "")"
    }

    /// The short side that a file must be decoded to; 0: all of it.
    package func decodedShortSide(for size: Int, usual: Int) -> Int {
        guard filter == .bilinear else { return 0 }
        return crop.map { max(usual, Int((Double(size) / $0).rounded(.up))) } ?? usual
    }
}
