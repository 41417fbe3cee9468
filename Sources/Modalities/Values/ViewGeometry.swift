/// A rectangle of an image and whether it is mirrored: the geometry both modalities of a pair share.
///
/// Coordinates are in units of the image's width and height from its left upper corner, so the same
/// value cuts the same part of pictures of different size.
package struct ViewGeometry: Sendable, Hashable {
    package var x: Double, y: Double, width: Double, height: Double
    /// Mirrored left to right after the cut.
    package var flip: Bool

    /// Makes a view; the rectangle lies within [0, 1] and is not empty.
    package init(x: Double, y: Double, width: Double, height: Double, flip: Bool = false) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.flip = flip
    }

    /// The whole image, not mirrored.
    package static let full = ViewGeometry(x: 0, y: 0, width: 1, height: 1)
}
