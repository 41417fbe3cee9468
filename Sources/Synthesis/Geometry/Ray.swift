/// A ray `origin + t * direction`.
///
/// A camera ray's direction has z = 1, so that `t` IS the depth along the optical axis in metres.
/// The direction keeps its length when a ray is moved into an object's own coordinates, therefore
/// `t` means the same there.
package struct Ray: Sendable {
    package var origin: Vector3
    package var direction: Vector3

    package init(origin: Vector3, direction: Vector3) {
        self.origin = origin
        self.direction = direction
    }

    package func point(at t: Double) -> Vector3 { origin + direction * t }
}

/// Where a ray first meets a surface.
package struct Crossing: Sendable {
    /// The ray's parameter.
    package var t: Double
    /// The surface's normal there, of any length.
    package var normal: Vector3
}
