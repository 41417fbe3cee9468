/// Linear red, green and blue, 0 to 1.
struct Colour: Sendable, Equatable {
    var red: Double
    var green: Double
    var blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// A colour from hue (in turns), saturation and value.
    init(hue: Double, saturation: Double, value: Double) {
        func channel(_ shift: Double) -> Double {
            let place = PortableMath.fraction(hue + shift) * 6
            let ramp = max(0, min(1, min(place, 4 - place)))
            return value * (1 - saturation * (1 - ramp))
        }
        self.init(channel(2.0 / 6), channel(0), channel(4.0 / 6))
    }

    static func + (a: Colour, b: Colour) -> Colour {
        Colour(a.red + b.red, a.green + b.green, a.blue + b.blue)
    }

    static func * (a: Colour, s: Double) -> Colour {
        Colour(a.red * s, a.green * s, a.blue * s)
    }

    static func * (a: Colour, b: Colour) -> Colour {
        Colour(a.red * b.red, a.green * b.green, a.blue * b.blue)
    }

    /// The sum of the channels' absolute differences.
    func difference(from other: Colour) -> Double {
        abs(red - other.red) + abs(green - other.green) + abs(blue - other.blue)
    }
}

/// A painted surface: two colours and how they alternate over its own coordinates.
struct Surface: Sendable {
    enum Pattern: Int, CaseIterable, Sendable {
        case plain, stripes, checks, dots, rings
    }

    var base: Colour
    var accent: Colour
    var pattern: Pattern
    /// Periods per own unit.
    var frequency: Double

    /// The paint at a point in the surface's own coordinates.
    func colour(at point: Vector3) -> Colour {
        let p = point * frequency
        let accented: Bool
        switch pattern {
        case .plain:
            accented = false
        case .stripes:
            accented = PortableMath.fraction(p.x + 0.5 * p.y + 0.35 * p.z) < 0.4
        case .checks:
            let parity = p.x.rounded(.down) + p.y.rounded(.down) + p.z.rounded(.down)
            accented = PortableMath.fraction(parity / 2) > 0.25
        case .dots:
            let cell = Vector3(
                PortableMath.fraction(p.x) - 0.5, PortableMath.fraction(p.y) - 0.5,
                PortableMath.fraction(p.z) - 0.5)
            accented = cell.squaredLength < 0.17
        case .rings:
            accented = PortableMath.fraction(p.length) < 0.4
        }
        return accented ? accent : base
    }

    /// The paint of a palette: palette k is usual for class k.
    static func palette(_ palette: ShapeClass, drawnFrom random: inout SceneRandom) -> Surface {
        let hue = Double(palette.rawValue) / 10 + random.uniform(-0.012, 0.012)
        let contrast = random.uniform(0.55, 0.8)
        return Surface(
            base: Colour(
                hue: hue, saturation: random.uniform(0.6, 0.95), value: random.uniform(0.7, 1)),
            accent: Colour(
                hue: hue + 0.05, saturation: random.uniform(0.3, 0.6),
                value: contrast),
            pattern: Pattern.allCases[palette.rawValue % Pattern.allCases.count],
            frequency: random.uniform(1.4, 2.4))
    }
}
