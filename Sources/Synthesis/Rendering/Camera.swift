/// A pinhole camera at the origin that looks along +z.
package struct Camera: Sendable, Equatable {
    /// Width and height in pixels.
    package var width: Int
    package var height: Int

    /// The focal length in pixels, the same for both axes: 1.1 of the shorter side.
    package var focalLength: Double { 1.1 * Double(min(width, height)) }

    /// The principal point; the centre of the first pixel is (0, 0).
    package var centerX: Double { Double(width - 1) / 2 }
    package var centerY: Double { Double(height - 1) / 2 }

    /// The ray through a point of the picture; z is 1.
    func ray(_ x: Double, _ y: Double) -> Vector3 {
        Vector3((x - centerX) / focalLength, (y - centerY) / focalLength, 1)
    }
}
