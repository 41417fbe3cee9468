/// Looks along rays into a scene.
struct RayCaster {
    let scene: Scene

    /// What one ray sees.
    struct Sight {
        /// Depth along the optical axis in metres.
        var depth: Double
        /// Which thing: items first, then grounds; -1 for nothing.
        var thing: Int
        var colour: Colour
    }

    func look(along direction: Vector3) -> Sight {
        var depth = Double.infinity
        var normal = Vector3.zero
        var thing = -1
        for index in scene.items.indices {
            if let crossing = scene.items[index].body.crossing(
                withCameraRay: direction, nearerThan: depth)
            {
                depth = crossing.t
                normal = crossing.normal
                thing = index
            }
        }
        for index in scene.grounds.indices {
            if let t = scene.grounds[index].plane.depth(alongCameraRay: direction), t < depth {
                depth = t
                normal = scene.grounds[index].plane.normal
                thing = scene.items.count + index
            }
        }
        guard thing >= 0 else { return Sight(depth: .infinity, thing: -1, colour: Colour(0, 0, 0)) }
        let point = direction * depth
        let paint =
            thing < scene.items.count
            ? scene.items[thing].surface.colour(
                at: scene.items[thing].body.ownCoordinates(of: point))
            : scene.grounds[thing - scene.items.count].surface.colour(at: point)
        return Sight(depth: depth, thing: thing, colour: shade(paint, normal: normal))
    }

    /// Lambert's law: `paint * (ambient + lamp * max(0, n . l))`.
    private func shade(_ paint: Colour, normal: Vector3) -> Colour {
        let facing = max(0, normal.normalized.dot(scene.light.direction))
        let ambient = scene.light.ambient
        return paint * (Colour(ambient, ambient, ambient) + scene.light.lamp * facing)
    }
}
