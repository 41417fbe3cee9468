/// A body placed in the camera's frame: solids, stretched along their own axes, turned and moved.
struct Body: Sendable {
    let solids: [Solid]
    let center: Vector3
    /// The radius of a ball about the centre that holds the body, in metres.
    let reach: Double
    /// Camera frame to own coordinates, for directions.
    private let inward: Matrix3
    /// Own normals to the camera frame.
    private let normalOutward: Matrix3
    /// The camera's place in own coordinates.
    private let eye: Vector3

    /// - Parameters:
    ///   - solids: The parts, within a ball of radius `extent` in own coordinates.
    ///   - scale: Metres per own unit along the own axes.
    ///   - rotation: Own axes to the camera frame.
    init(solids: [Solid], extent: Double, center: Vector3, scale: Vector3, rotation: Matrix3) {
        self.solids = solids
        self.center = center
        reach = extent * max(scale.x, max(scale.y, scale.z))
        let back = rotation.transposed.rows
        let inward = Matrix3(back.0 * (1 / scale.x), back.1 * (1 / scale.y), back.2 * (1 / scale.z))
        self.inward = inward
        normalOutward = inward.transposed
        eye = inward * (-center)
    }

    /// The nearest crossing with a ray from the camera, its normal in the camera frame.
    func crossing(withCameraRay direction: Vector3, nearerThan limit: Double) -> Crossing? {
        // Reject by the ball first: its nearest approach, without a square root.
        let along = center.dot(direction)
        let length = direction.squaredLength
        guard along > 0, along * along >= length * (center.squaredLength - reach * reach) else {
            return nil
        }
        let ray = Ray(origin: eye, direction: inward * direction)
        var best: Crossing?
        for solid in solids {
            if let crossing = solid.crossing(with: ray), crossing.t < best?.t ?? limit {
                best = crossing
            }
        }
        guard var nearest = best else { return nil }
        nearest.normal = normalOutward * nearest.normal
        return nearest
    }

    /// A point of the camera frame in own coordinates.
    func ownCoordinates(of point: Vector3) -> Vector3 {
        eye + inward * point
    }
}

/// The plane `normal . p = offset`; the camera is on the side the normal points to.
struct Plane: Sendable {
    var normal: Vector3
    var offset: Double

    /// The depth at which a ray from the camera meets the plane, or nil.
    func depth(alongCameraRay direction: Vector3) -> Double? {
        let rate = normal.dot(direction)
        guard rate < 0 else { return nil }
        let t = offset / rate
        return t > 0 ? t : nil
    }
}
