/// Colours for one number: dark blue is near, yellow far, in steps that look alike.
///
/// - Reference: the map `viridis` by Smith and van der Walt, 2015, at nine places, straight between them.
enum ColourMap {
    private static let places: [(Float, Float, Float)] = [
        (0.267, 0.005, 0.329), (0.279, 0.175, 0.483), (0.230, 0.322, 0.546),
        (0.173, 0.449, 0.558), (0.128, 0.567, 0.551), (0.158, 0.684, 0.502),
        (0.369, 0.789, 0.383), (0.678, 0.864, 0.190), (0.993, 0.906, 0.144),
    ]

    /// The colour of a share 0...1; what is beyond has the colour of its end.
    static func colour(_ share: Float) -> Colour {
        let last = places.count - 1
        let position = max(0, min(1, share.isFinite ? share : 0)) * Float(last)
        let index = min(last - 1, Int(position))
        let rest = position - Float(index)
        let (a, b) = (places[index], places[index + 1])
        return Colour(
            a.0 + (b.0 - a.0) * rest, a.1 + (b.1 - a.1) * rest, a.2 + (b.2 - a.2) * rest)
    }

    /// What stands for "no reading": a pattern that no depth has.
    static func hole(x: Int, y: Int) -> Colour {
        (x / 4 + y / 4) % 2 == 0
            ? Colour(red: 70, green: 20, blue: 30) : Colour(red: 110, green: 35, blue: 45)
    }
}
