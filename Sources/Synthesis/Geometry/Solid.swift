/// An elementary body in its own coordinates; the front faces -z.
package enum Solid: Sendable {
    case sphere(radius: Double)
    case box(low: Vector3, high: Vector3)
    /// A cylinder about the z axis.
    case cylinder(radius: Double, halfHeight: Double)
    /// A cone about the z axis, from its apex to its base.
    case cone(apex: Double, base: Double, radius: Double)
    /// A pyramid with a square base of this half side, from its apex to its base along z.
    case pyramid(apex: Double, base: Double, halfSide: Double)
    /// A hollow half ball with its rim in the plane z = `rim`, open to the front.
    case bowl(outer: Double, inner: Double, rim: Double)
    /// A torus about the z axis.
    case torus(major: Double, minor: Double)

    /// The nearest crossing of the surface with `t > 0`, or nil; the ray starts outside the body.
    package func crossing(with ray: Ray) -> Crossing? {
        switch self {
        case .sphere(let radius):
            return Self.crossSphere(ray, radius: radius)
        case .box(let low, let high):
            return Self.crossBox(ray, low: low, high: high)
        case .cylinder(let radius, let halfHeight):
            return Self.crossCylinder(ray, radius: radius, halfHeight: halfHeight)
        case .cone(let apex, let base, let radius):
            return Self.crossCone(ray, apex: apex, base: base, radius: radius)
        case .pyramid(let apex, let base, let halfSide):
            return Self.crossPyramid(ray, apex: apex, base: base, halfSide: halfSide)
        case .bowl(let outer, let inner, let rim):
            return Self.crossBowl(ray, outer: outer, inner: inner, rim: rim)
        case .torus(let major, let minor):
            return Self.crossTorus(ray, major: major, minor: minor)
        }
    }
}
