import Foundation
import Modalities
import Testing

@Suite("Depth noise")
struct DepthNoiseTests {
    private let side = 64
    private var plane: [Float] { [Float](repeating: 2, count: 64 * 64) }
    private static let none = [
        "axial": 0.0, "scale": 0, "edges": 0, "edge_width": 2, "holes": 0,
    ]

    /// The picture after noise of these settings, all others 0 but for the edges' width.
    private func noisy(
        _ values: [Float], _ settings: [String: Double], sensorPixels: Double = 1, seed: UInt64 = 3,
        index: UInt64
    ) throws -> [Float] {
        let noise = try #require(
            try Plugins.depth.noise(Self.none.merging(settings) { $1 }))
        return try added(noise, to: values, sensorPixels: sensorPixels, seed: seed, index: index)
    }

    private func added(
        _ noise: ModalityNoise, to values: [Float], sensorPixels: Double, seed: UInt64,
        index: UInt64
    ) throws -> [Float] {
        var values = values
        try values.withUnsafeMutableBufferPointer {
            try Plugins.depth.addNoise(
                noise, to: $0, height: side, width: side, sensorPixels: sensorPixels, seed: seed,
                index: index)
        }
        return values
    }

    /// A wall at 2 m beside one at 3 m, and a column of holes.
    private var step: [Float] {
        (0..<side * side).map { $0 % side == 0 ? 0 : $0 % side < 32 ? 2 : 3 }
    }

    private func spread(_ values: [Float]) -> (mean: Float, deviation: Float) {
        let mean = values.reduce(0, +) / Float(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(values.count)
        return (mean, variance.squareRoot())
    }

    @Test("The same seed and index give the same bits, others do not")
    func deterministic() throws {
        let all = ["axial": 1.0, "scale": 0.05, "edges": 0.3, "holes": 4]
        let first = try noisy(plane, all, seed: 7, index: 11)
        #expect(try noisy(plane, all, seed: 7, index: 11) == first)
        #expect(try noisy(plane, all, seed: 7, index: 12) != first)
        #expect(try noisy(plane, all, seed: 8, index: 11) != first)
        #expect(try noisy(plane, [:], index: 11) == plane)
    }

    @Test("A plane is scaled by one factor and trembles as the camera's pixels do")
    func planes() throws {
        var scales: [Float] = []
        for index: UInt64 in 0..<40 {
            let values = try noisy(plane, ["axial": 1, "scale": 0.05], index: index)
            let (mean, deviation) = spread(values)
            let sigma = 0.0012 + 0.0019 * (mean - 0.4) * (mean - 0.4)
            #expect(abs(deviation / sigma - 1) < 0.1, "index \(index)")
            scales.append(mean / 2)
        }
        #expect(scales.allSatisfy { (0.949...1.051).contains($0) })
        #expect((scales.max() ?? 0) - (scales.min() ?? 0) > 0.06)
        // A pixel that is the mean of ten by ten of the camera's trembles a tenth as much.
        let far = spread(try noisy(plane, ["axial": 1], sensorPixels: 10, index: 1)).deviation
        #expect(abs(far / (0.1 * (0.0012 + 0.0019 * 1.6 * 1.6)) - 1) < 0.1)
    }

    @Test("Holes are rectangles, at most as many as the recipe says")
    func holes() throws {
        var empty = 0
        for index: UInt64 in 0..<40 {
            let values = try noisy(plane, ["holes": 4], index: index)
            let lost = values.count { $0 == 0 }
            // Each side of a hole is at most a fifth of the picture's.
            #expect(lost <= 4 * 13 * 13 && values.allSatisfy { $0 == 0 || $0 == 2 })
            empty += lost == 0 ? 1 : 0
        }
        // No hole is one of five counts.
        #expect((1...18).contains(empty), "\(empty) of 40 without a hole")
    }

    /// Shares of pixels lost in the columns beside the jump, from the jump outwards.
    private func lost(_ settings: [String: Double], sensorPixels: Double) throws -> [Double] {
        var counts = [Double](repeating: 0, count: 31)
        for index: UInt64 in 0..<60 {
            let values = try noisy(step, settings, sensorPixels: sensorPixels, index: index)
            for row in 0..<side {
                #expect(values[row * side] == 0, "what is invalid stays so")
                for distance in 0..<31 {
                    for column in [31 - distance, 32 + distance]
                    where values[row * side + column] == 0 {
                        counts[distance] += 1
                    }
                }
            }
        }
        return counts.map { $0 / Double(2 * 60 * side) }
    }

    @Test(
        "Beside a jump pixels vanish in a band as wide as the camera's, which a smaller view narrows"
    )
    func edges() throws {
        let edges = ["edges": 0.3, "edge_width": 2.0]
        let own = try lost(edges, sensorPixels: 1)
        #expect((0.27...0.33).contains(own[0]) && (0.27...0.33).contains(own[1]), "\(own)")
        #expect(own[2...].allSatisfy { $0 == 0 })
        // One of four camera pixels in a view's: three or four of them must be lost for a hole.
        let half = try lost(edges, sensorPixels: 2)
        #expect((0.065...0.105).contains(half[0]), "\(half[0])")
        #expect(half[1...].allSatisfy { $0 == 0 })
        // 640 pixels on 64: what two of ten lose, nobody sees.
        #expect(try lost(edges, sensorPixels: 10).allSatisfy { $0 == 0 })
        // An enlarged view shows a wider band.
        let wide = try lost(edges, sensorPixels: 0.5)
        #expect(wide[..<4].allSatisfy { (0.27...0.33).contains($0) } && wide[4] == 0, "\(wide)")
    }

    @Test("The usual noise is mild: little scale, no lost pixels")
    func usual() throws {
        let noise = try #require(try Plugins.depth.noise([:]))
        for index: UInt64 in 0..<20 {
            let values = try added(noise, to: step, sensorPixels: 1, seed: 1, index: index)
            let right = spread((0..<side).map { values[$0 * side + 48] }).mean
            #expect((2.9...3.1).contains(right))
            #expect(zip(values, step).allSatisfy { ($0 == 0) == ($1 == 0) })
        }
    }

    @Test("distilld-recipe(5) names every setting with its usual value")
    func manual() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let manual = try String(
            contentsOf: package.appending(path: "Packaging/man/distilld-recipe.5"), encoding: .utf8)
        #expect(!Plugins.depth.noiseSettings.isEmpty)
        for setting in Plugins.depth.noiseSettings {
            #expect(
                manual.contains("\\fB\(setting.name)\\fR = \(setting.usual)"), "\(setting.name)")
        }
    }

    @Test(
        "Settings that the plugin does not know, or that are beyond its range, are refused by name")
    func refusals() throws {
        func failure(_ settings: [String: Double], of plugin: ModalityPlugin) -> PluginError? {
            #expect(throws: PluginError.self) { _ = try plugin.noise(settings) }
            do { _ = try plugin.noise(settings) } catch { return error as? PluginError }
            return nil
        }
        let unknown = failure(["edge": 0.1], of: Plugins.depth)
        #expect(unknown?.code == "noise.unknown" && unknown?.hint == "did you mean `edges`?")
        let beyond = failure(["edges": 1.5], of: Plugins.depth)
        #expect(
            beyond?.code == "noise.range"
                && beyond?.message.contains("training.noise.edges") == true)
        #expect(failure(["scale": 0.1], of: Plugins.tiny)?.code == "noise.unknown")
    }
}
