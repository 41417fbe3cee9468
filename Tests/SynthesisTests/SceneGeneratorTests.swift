import Synthesis
import Testing

@Suite("Rendered scenes")
struct SceneGeneratorTests {
    static func generator(
        size: Int = 32, seed: UInt64 = 7, pairs: Int = 100,
        _ change: (inout SynthesisOptions) -> Void = { _ in }
    ) throws -> SceneGenerator {
        var options = SynthesisOptions(pairs: pairs, size: size, seed: seed)
        change(&options)
        return try SceneGenerator(options)
    }

    @Test("A scene depends on seed and index only")
    func reproducible() throws {
        let first = try Self.generator().render(5)
        #expect(try Self.generator(pairs: 9).render(5) == first)
        #expect(try Self.generator(seed: 8).render(5) != first)
        #expect(try Self.generator().render(6) != first)
    }

    /// Pins the bytes: a change of this number is a change of every synthetic data set.
    @Test("The bytes are the same on every machine and in every version")
    func pinned() throws {
        let generator = try Self.generator(size: 24)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt64) { hash = (hash ^ byte) &* 0x0000_0100_0000_01B3 }
        for index in 0..<10 {
            let pair = generator.render(index)
            for value in pair.rgb { add(UInt64(value)) }
            for value in pair.depthMillimetres { add(UInt64(value)) }
            add(UInt64(pair.label))
            add(UInt64(pair.colour))
            add(pair.contradicting ? 1 : 0)
        }
        #expect(hash == 10_608_422_502_866_983_323)
    }

    @Test("Every ten scenes hold every class once, and the wall's hue is independent of the class")
    func balance() throws {
        let generator = try Self.generator(pairs: 4000)
        var together = [Int](repeating: 0, count: 100)
        for block in 0..<400 {
            let identities = (0..<10).map { generator.identity(block * 10 + $0) }
            #expect(Set(identities.map(\.shape)).count == 10)
            for identity in identities {
                together[identity.shape.rawValue * 10 + identity.wall.rawValue] += 1
            }
        }
        // Chi-square with 90 degrees of freedom: 99.9 % lie below 138.
        let statistic = together.reduce(0.0) { $0 + (Double($1) - 40) * (Double($1) - 40) / 40 }
        #expect(statistic < 138)
    }

    @Test("rho is the palette's probability", arguments: [0, 0.5, 0.95, 1])
    func contradicting(rho: Double) throws {
        let generator = try Self.generator { $0.rho = rho }
        let share = Double((0..<4000).count { generator.identity($0).contradicting }) / 4000
        #expect(abs(share - (1 - rho) * 0.9) < 0.03)
    }

    @Test("rho changes colours, never depth")
    func depthIsShapeOnly() throws {
        let plain = try Self.generator { $0.rho = 1 }
        let mixed = try Self.generator { $0.rho = 0 }
        var changed = 0
        for index in 0..<12 {
            let first = plain.render(index)
            let second = mixed.render(index)
            #expect(first.depthMillimetres == second.depthMillimetres)
            #expect(first.label == second.label && first.colour == second.colour)
            if first.rgb != second.rgb { changed += 1 }
        }
        #expect(changed > 6)
    }

    @Test("The scene is the same at any size")
    func sizes() throws {
        let small = try Self.generator(size: 20) { $0.sensorNoise = false }.render(3)
        let large = try Self.generator(size: 100) { $0.sensorNoise = false }.render(3)
        // The centre of pixel (x, y) of the small picture is that of (5x + 2, 5y + 2) of the large.
        for y in 0..<20 {
            for x in 0..<20 {
                let depth = small.depthMillimetres[y * 20 + x]
                #expect(depth == large.depthMillimetres[(5 * y + 2) * 100 + 5 * x + 2])
            }
        }
    }

    @Test("Without noise depth is complete and plausible; with noise it has errors and holes")
    func sensor() throws {
        let exact = try Self.generator(size: 48) { $0.sensorNoise = false }
        let noisy = try Self.generator(size: 48)
        var holes = 0
        var error = 0.0
        var count = 0
        for index in 0..<8 {
            let truth = exact.render(index).depthMillimetres
            let reading = noisy.render(index).depthMillimetres
            #expect(truth.allSatisfy { $0 > 200 && $0 < 20000 })
            for (a, b) in zip(truth, reading) {
                if b == 0 {
                    holes += 1
                } else {
                    error += abs(Double(a) - Double(b))
                    count += 1
                }
            }
        }
        let share = Double(holes) / Double(8 * 48 * 48)
        #expect(share > 0.01 && share < 0.3)
        #expect(error / Double(count) > 1 && error / Double(count) < 30)
    }

    @Test("The object is in the middle, nearer than what is behind it")
    func visible() throws {
        let generator = try Self.generator(size: 32) { $0.sensorNoise = false }
        var nearer = 0
        for index in 0..<20 {
            let depth = generator.render(index).depthMillimetres
            let middle = (13..<19).flatMap { y in (13..<19).map { depth[y * 32 + $0] } }
            let top = depth[0..<32]
            if let front = middle.min(), let back = top.max(), front < back { nearer += 1 }
        }
        #expect(nearer >= 18)
    }

    @Test("Sizes are read as 64 or 640x480")
    func parsing() throws {
        #expect(try SynthesisOptions.size(parsing: "64") == (64, 64))
        #expect(try SynthesisOptions.size(parsing: "640x480") == (640, 480))
        for text in ["", "x", "64x", "64x64x64", "big"] {
            #expect(throws: SynthesisError.self) { try SynthesisOptions.size(parsing: text) }
        }
    }

    @Test("Bad options are refused with what was expected")
    func options() {
        func message(_ change: (inout SynthesisOptions) -> Void) -> String? {
            let error = #expect(throws: SynthesisError.self) { try Self.generator(change) }
            return error?.description
        }
        #expect(message { $0.pairs = 0 }?.contains("`pairs` is 0") == true)
        #expect(message { $0.width = 5000 }?.contains("16 to 4096") == true)
        #expect(message { $0.rho = 1.5 }?.contains("from 0 to 1") == true)
        #expect(message { $0.layout = "tam" }?.contains("one of stem, suffix") == true)
        #expect(message { $0.splits = [] }?.contains("`splits`") == true)
    }
}
