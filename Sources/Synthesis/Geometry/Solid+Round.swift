extension Solid {
    /// The two roots of `a t^2 + 2 b t + c = 0`, smaller first.
    static func roots(_ a: Double, _ b: Double, _ c: Double) -> (Double, Double)? {
        let discriminant = b * b - a * c
        guard discriminant >= 0, a != 0 else { return nil }
        let root = discriminant.squareRoot()
        // The form without cancellation.
        let sum = b < 0 ? -b + root : -b - root
        guard sum != 0 else { return (0, 0) }
        let first = sum / a
        let second = c / sum
        return first < second ? (first, second) : (second, first)
    }

    static func crossSphere(_ ray: Ray, radius: Double) -> Crossing? {
        let a = ray.direction.squaredLength
        let b = ray.origin.dot(ray.direction)
        let c = ray.origin.squaredLength - radius * radius
        guard let (near, _) = roots(a, b, c), near > 0 else { return nil }
        return Crossing(t: near, normal: ray.point(at: near))
    }

    static func crossCylinder(_ ray: Ray, radius: Double, halfHeight: Double) -> Crossing? {
        let o = ray.origin
        let d = ray.direction
        var span = RayInterval(entry: -.infinity, exit: .infinity, normal: .zero)
        guard
            span.clip(
                origin: o.z, direction: d.z, low: -halfHeight, high: halfHeight,
                axis: Vector3(0, 0, 1))
        else { return nil }
        let a = d.x * d.x + d.y * d.y
        let c = o.x * o.x + o.y * o.y - radius * radius
        if a == 0 {
            return c <= 0 ? span.crossing : nil
        }
        guard let (near, far) = roots(a, o.x * d.x + o.y * d.y, c) else { return nil }
        let p = ray.point(at: near)
        span.narrow(entry: near, exit: far, normal: Vector3(p.x, p.y, 0))
        return span.crossing
    }

    static func crossCone(
        _ ray: Ray, apex: Double, base: Double, radius: Double
    ) -> Crossing? {
        let slope = radius / (base - apex)
        let steep = slope * slope
        let o = Vector3(ray.origin.x, ray.origin.y, ray.origin.z - apex)
        let d = ray.direction
        var slab = RayInterval(entry: -.infinity, exit: .infinity, normal: .zero)
        guard
            slab.clip(
                origin: ray.origin.z, direction: d.z, low: apex, high: base, axis: Vector3(0, 0, 1))
        else { return nil }
        let a = d.x * d.x + d.y * d.y - steep * d.z * d.z
        let b = o.x * d.x + o.y * d.y - steep * o.z * d.z
        let c = o.x * o.x + o.y * o.y - steep * o.z * o.z
        guard let (near, far) = roots(a, b, c) else { return nil }
        func side(_ entry: Double, _ exit: Double) -> Crossing? {
            var span = slab
            let p = Vector3(o.x + d.x * entry, o.y + d.y * entry, o.z + d.z * entry)
            span.narrow(entry: entry, exit: exit, normal: Vector3(p.x, p.y, -steep * p.z))
            return span.crossing
        }
        if a > 0 { return side(near, far) }
        // The ray is steeper than the cone's side: inside before the first root and after the second.
        return side(-.infinity, near) ?? side(far, .infinity)
    }

    static func crossBowl(_ ray: Ray, outer: Double, inner: Double, rim: Double) -> Crossing? {
        let o = Vector3(ray.origin.x, ray.origin.y, ray.origin.z - rim)
        let d = ray.direction
        var best = Double.infinity
        var normal = Vector3.zero
        let a = d.squaredLength
        let b = o.dot(d)
        let square = o.squaredLength
        func consider(_ radius: Double) {
            guard let (near, far) = roots(a, b, square - radius * radius) else { return }
            for t in [near, far] where t > 0 && t < best && o.z + d.z * t >= 0 {
                best = t
                normal = o + d * t
            }
        }
        consider(outer)
        consider(inner)
        if d.z != 0 {
            let t = -o.z / d.z
            let x = o.x + d.x * t
            let y = o.y + d.y * t
            let distance = x * x + y * y
            if t > 0, t < best, distance <= outer * outer, distance >= inner * inner {
                best = t
                normal = Vector3(0, 0, -1)
            }
        }
        guard best < .infinity else { return nil }
        return Crossing(t: best, normal: normal.dot(d) > 0 ? -normal : normal)
    }

    /// A torus by sphere tracing of its exact distance, polished by Newton steps.
    static func crossTorus(_ ray: Ray, major: Double, minor: Double) -> Crossing? {
        let reach = major + minor
        let speed = ray.direction.length
        guard
            let (near, far) = roots(
                ray.direction.squaredLength, ray.origin.dot(ray.direction),
                ray.origin.squaredLength - reach * reach), far > 0
        else { return nil }
        func distance(_ p: Vector3) -> Double {
            let ring = (p.x * p.x + p.y * p.y).squareRoot() - major
            return (ring * ring + p.z * p.z).squareRoot() - minor
        }
        func gradient(_ p: Vector3) -> Vector3 {
            let radius = (p.x * p.x + p.y * p.y).squareRoot()
            let share = radius > 0 ? 1 - major / radius : 0
            return Vector3(p.x * share, p.y * share, p.z)
        }
        var t = max(near, 0)
        for _ in 0..<96 {
            let gap = distance(ray.point(at: t))
            if gap < 1e-4 {
                for _ in 0..<3 {
                    let p = ray.point(at: t)
                    let rate = gradient(p).normalized.dot(ray.direction)
                    // Grazing: the distance hardly falls along the ray, and the point is on it.
                    guard rate < -0.02 * speed else { break }
                    t -= distance(p) / rate
                }
                return Crossing(t: t, normal: gradient(ray.point(at: t)))
            }
            t += gap / speed
            if t > far { return nil }
        }
        return nil
    }
}
