/// Places the objects, the floor, the wall and the lamp of a scene.
///
/// Distance and size are drawn independently of each other and of the class. Geometry comes from its
/// own random streams, so neither `rho` nor the picture's size changes it.
struct SceneComposer {
    let seed: UInt64
    let rho: Double

    func scene(_ index: Int) -> Scene {
        let identity = SceneIdentity(seed: seed, index: index, rho: rho)
        var geometry = SceneRandom(seed: seed, index: index, stream: .geometry)
        var surroundings = SceneRandom(seed: seed, index: index, stream: .surroundings)
        var appearance = SceneRandom(seed: seed, index: index, stream: .appearance)

        let main = placement(drawnFrom: &geometry)
        var items = [
            Scene.Item(
                body: body(of: identity.shape, at: main, drawnFrom: &geometry),
                surface: .palette(identity.palette, drawnFrom: &appearance))
        ]
        for extra in others(around: main, drawnFrom: &surroundings) {
            let palette = ShapeClass.allCases[appearance.below(ShapeClass.allCases.count)]
            items.append(
                Scene.Item(body: extra, surface: .palette(palette, drawnFrom: &appearance)))
        }
        return Scene(
            identity: identity, items: items,
            grounds: grounds(
                behind: main, hue: identity.wall, shaping: &surroundings, painting: &appearance),
            light: light(drawnFrom: &appearance))
    }

    /// Where a body stands: its centre in metres and its radius (own unit in metres).
    private struct Placement {
        var center: Vector3
        var radius: Double
    }

    private func placement(drawnFrom random: inout SceneRandom) -> Placement {
        let distance = random.uniform(1.1, 2.1)
        let radius = random.uniform(0.33, 0.47)
        let center = Vector3(
            random.uniform(-0.13, 0.13) * distance, random.uniform(-0.13, 0.13) * distance, distance
        )
        return Placement(center: center, radius: radius)
    }

    /// A body of a class whose front leans 20 to 58 degrees away from the camera in any direction.
    private func body(
        of shape: ShapeClass, at place: Placement, drawnFrom random: inout SceneRandom
    ) -> Body {
        let lean = random.uniform(20, 58) / 360
        let azimuth = random.unit()
        let roll = random.unit()
        let rotation =
            Matrix3.turn(aboutZ: azimuth) * Matrix3.turn(aboutX: lean)
            * Matrix3.turn(aboutZ: roll - azimuth)
        let scale = Vector3(
            place.radius * random.uniform(0.85, 1.15), place.radius * random.uniform(0.85, 1.15),
            place.radius * random.uniform(0.85, 1.15))
        return Body(
            solids: shape.solids(drawnFrom: &random), extent: ShapeClass.extent,
            center: place.center, scale: scale, rotation: rotation)
    }

    /// Two to four smaller objects beside the labelled one and, often, one in front of its edge.
    private func others(
        around main: Placement, drawnFrom random: inout SceneRandom
    ) -> [Body] {
        var bodies: [Body] = []
        for _ in 0..<(2 + random.below(3)) {
            let depth = main.center.z * random.uniform(0.9, 1.25)
            let radius = main.radius * random.uniform(0.3, 0.62)
            let aside = (main.radius + radius) / main.center.z * random.uniform(0.9, 1.35)
            bodies.append(
                extra(radius: radius, aside: aside, depth: depth, of: main, drawnFrom: &random))
        }
        if random.chance(0.5) {
            let apparent = main.radius / main.center.z
            let depth = main.center.z - main.radius * 1.5
            let radius = apparent * depth * random.uniform(0.22, 0.36)
            let aside = apparent * random.uniform(0.65, 0.95)
            bodies.append(
                extra(radius: radius, aside: aside, depth: depth, of: main, drawnFrom: &random))
        }
        return bodies
    }

    /// A body of any class, seen `aside` (in units of the focal length) from the labelled one.
    private func extra(
        radius: Double, aside: Double, depth: Double, of main: Placement,
        drawnFrom random: inout SceneRandom
    ) -> Body {
        let (sine, cosine) = PortableMath.sineAndCosine(turns: random.unit())
        let center = Vector3(
            (main.center.x / main.center.z + aside * cosine) * depth,
            (main.center.y / main.center.z + aside * sine) * depth, depth)
        let shape = ShapeClass.allCases[random.below(ShapeClass.allCases.count)]
        return body(of: shape, at: Placement(center: center, radius: radius), drawnFrom: &random)
    }

    /// A tilted floor below and a tilted wall behind, both clear of the labelled object.
    private func grounds(
        behind main: Placement, hue: Hue, shaping random: inout SceneRandom,
        painting appearance: inout SceneRandom
    ) -> [Scene.Ground] {
        func plane(_ normal: Vector3, clearance: Double) -> Plane {
            Plane(
                normal: normal,
                offset: normal.dot(main.center) - main.radius * 0.95 - clearance)
        }
        let pitch = PortableMath.sineAndCosine(turns: random.uniform(3, 25) / 360)
        let bank = random.uniform(-0.12, 0.12)
        let floor = plane(
            Vector3(bank, -pitch.cosine, -pitch.sine).normalized,
            clearance: random.uniform(0, 0.3))
        let yaw = PortableMath.sineAndCosine(turns: random.uniform(-30, 30) / 360)
        let lean = random.uniform(-0.15, 0.15)
        let wall = plane(
            Vector3(yaw.sine, lean, -yaw.cosine).normalized, clearance: random.uniform(0.05, 0.8))
        let paint = Colour(
            hue: hue.turns + appearance.uniform(-0.015, 0.015),
            saturation: appearance.uniform(0.45, 0.7), value: appearance.uniform(0.7, 0.95))
        let stone = Colour(
            hue: appearance.unit(), saturation: appearance.uniform(0, 0.18),
            value: appearance.uniform(0.35, 0.7))
        return [
            Scene.Ground(
                plane: floor,
                surface: Surface(
                    base: stone, accent: stone * 0.75, pattern: .checks,
                    frequency: appearance.uniform(1.5, 3))),
            Scene.Ground(
                plane: wall,
                surface: Surface(
                    base: paint, accent: paint * 0.9, pattern: .stripes,
                    frequency: appearance.uniform(1, 2.5))),
        ]
    }

    private func light(drawnFrom random: inout SceneRandom) -> Scene.Light {
        let strength = random.uniform(0.65, 1.0)
        return Scene.Light(
            direction: Vector3(
                random.uniform(-0.9, 0.9), random.uniform(-1, 0.2), random.uniform(-1, -0.4)
            ).normalized,
            lamp: Colour(
                strength * random.uniform(0.94, 1), strength, strength * random.uniform(0.94, 1)),
            ambient: random.uniform(0.18, 0.35))
    }
}
