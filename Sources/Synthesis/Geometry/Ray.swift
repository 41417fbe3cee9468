/// A ray `origin + t * direction`.
///
/// A camera ray's direction has z = 1, so that `t` IS the depth along the optical axis in metres.
/// The direction keeps its length when a ray is moved into an object's own coordinates, therefore
/// `t` means the same there.
struct Ray: Sendable {
    var origin: Vector3
    var direction: Vector3

    func point(at t: Double) -> Vector3 { origin + direction * t }
}

/// Where a ray first meets a surface.
struct Crossing: Sendable {
    /// The ray's parameter.
    var t: Double
    /// The surface's normal there, of any length.
    var normal: Vector3
}
