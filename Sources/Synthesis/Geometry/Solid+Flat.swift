extension Solid {
    /// A box: the latest entry into its three slabs.
    static func crossBox(_ ray: Ray, low: Vector3, high: Vector3) -> Crossing? {
        var span = RayInterval(entry: -.infinity, exit: .infinity, normal: .zero)
        let o = ray.origin
        let d = ray.direction
        guard
            span.clip(
                origin: o.x, direction: d.x, low: low.x, high: high.x, axis: Vector3(1, 0, 0)),
            span.clip(
                origin: o.y, direction: d.y, low: low.y, high: high.y, axis: Vector3(0, 1, 0)),
            span.clip(origin: o.z, direction: d.z, low: low.z, high: high.z, axis: Vector3(0, 0, 1))
        else { return nil }
        return span.crossing
    }

    /// A pyramid: the latest entry into its four sides and its base.
    static func crossPyramid(
        _ ray: Ray, apex: Double, base: Double, halfSide: Double
    ) -> Crossing? {
        // A side's plane holds the apex and an edge of the base: |x| <= slope * (z - apex).
        let slope = halfSide / (base - apex)
        var span = RayInterval(entry: -.infinity, exit: .infinity, normal: .zero)
        let origin = Vector3(ray.origin.x, ray.origin.y, ray.origin.z - apex)
        guard
            span.clip(origin, ray.direction, outward: Vector3(1, 0, -slope)),
            span.clip(origin, ray.direction, outward: Vector3(-1, 0, -slope)),
            span.clip(origin, ray.direction, outward: Vector3(0, 1, -slope)),
            span.clip(origin, ray.direction, outward: Vector3(0, -1, -slope)),
            span.clip(
                origin: ray.origin.z, direction: ray.direction.z, low: apex, high: base,
                axis: Vector3(0, 0, 1))
        else { return nil }
        return span.crossing
    }
}

/// The part of a ray inside a convex body so far, with the normal of the surface it enters by.
struct RayInterval {
    var entry: Double
    var exit: Double
    var normal: Vector3

    /// The entry as a crossing, where it lies ahead.
    var crossing: Crossing? {
        entry > 0 && entry < exit ? Crossing(t: entry, normal: normal) : nil
    }

    /// Keeps the part between two parallel planes; false where nothing is left.
    mutating func clip(
        origin: Double, direction: Double, low: Double, high: Double, axis: Vector3
    ) -> Bool {
        if direction == 0 { return origin >= low && origin <= high }
        let toLow = (low - origin) / direction
        let toHigh = (high - origin) / direction
        if direction > 0 {
            narrow(entry: toLow, exit: toHigh, normal: -axis)
        } else {
            narrow(entry: toHigh, exit: toLow, normal: axis)
        }
        return entry < exit
    }

    /// Keeps the part behind a plane through the coordinates' origin; false where nothing is left.
    mutating func clip(_ origin: Vector3, _ direction: Vector3, outward: Vector3) -> Bool {
        let height = outward.dot(origin)
        let rate = outward.dot(direction)
        if rate == 0 { return height <= 0 }
        let t = -height / rate
        if rate < 0 {
            narrow(entry: t, exit: .infinity, normal: outward)
        } else {
            narrow(entry: -.infinity, exit: t, normal: .zero)
        }
        return entry < exit
    }

    mutating func narrow(entry newEntry: Double, exit newExit: Double, normal newNormal: Vector3) {
        if newEntry > entry {
            entry = newEntry
            normal = newNormal
        }
        if newExit < exit { exit = newExit }
    }
}
