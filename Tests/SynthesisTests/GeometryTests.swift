import Synthesis
import Testing

/// Exact depth, back-projected, must lie on the surfaces it came from.
@Suite("Geometry")
struct GeometryTests {
    /// Points of the picture's border rows lie on one or two planes: floor and wall. Every three
    /// neighbours in a row on one plane have inverse depths in a straight line.
    @Test("Depth is z-depth: inverse depth is linear along a row of a plane")
    func planes() throws {
        var options = SynthesisOptions(pairs: 1, size: 64, seed: 21)
        options.sensorNoise = false
        let generator = try SceneGenerator(options)
        var straight = 0
        var all = 0
        for index in 0..<6 {
            let depth = generator.render(index).depthMillimetres
            for x in 1..<63 {
                let inverse = (x - 1...x + 1).map { 1 / Double(depth[63 * 64 + $0]) }
                all += 1
                // Half a millimetre of rounding at each of three points.
                let slack = 2 * inverse[1] * inverse[1]
                if abs(inverse[0] + inverse[2] - 2 * inverse[1]) <= slack { straight += 1 }
            }
        }
        #expect(Double(straight) / Double(all) > 0.8)
    }

    @Test("Every class is drawn, and each differs from each")
    func classes() throws {
        let generator = try SceneGenerator(SynthesisOptions(pairs: 10, size: 32, seed: 2))
        let pairs = (0..<10).map(generator.render)
        #expect(Set(pairs.map(\.label)).count == 10)
        #expect(Set(pairs.map(\.depthMillimetres)).count == 10)
    }
}
