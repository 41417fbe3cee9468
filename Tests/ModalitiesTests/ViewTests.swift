import Foundation
import Modalities
import Testing

@Suite("Views")
struct ViewTests {
    private func view(
        _ plugin: ModalityPlugin, _ sample: DecodedSample, _ geometry: ViewGeometry, height: Int,
        width: Int
    ) throws -> [Float] {
        var output = [Float](repeating: .nan, count: plugin.channels * height * width)
        try output.withUnsafeMutableBufferPointer {
            try plugin.view(sample, view: geometry, height: height, width: width, into: $0)
        }
        return output
    }

    private func noise(_ count: Int, seed: UInt64, holes: Double = 0) -> [Float] {
        var generator = SplitMix(seed: seed)
        return (0..<count).map { _ in
            Double.random(in: 0..<1, using: &generator) < holes
                ? 0 : Float.random(in: 0.5..<4, using: &generator)
        }
    }

    @Test("The whole picture at its own size is itself, and mirrored twice again")
    func identity() throws {
        let colour = DecodedSample(channels: 3, height: 7, width: 9, values: noise(189, seed: 1))
        #expect(try view(Plugins.rgb, colour, .full, height: 7, width: 9) == colour.values)
        let depth = DecodedSample(
            channels: 1, height: 7, width: 9, values: noise(63, seed: 2, holes: 0.3))
        #expect(try view(Plugins.depth, depth, .full, height: 7, width: 9) == depth.values)
        let mirror = ViewGeometry(x: 0, y: 0, width: 1, height: 1, flip: true)
        let mirrored = try view(Plugins.depth, depth, mirror, height: 7, width: 9)
        for row in 0..<7 {
            #expect(
                Array(mirrored[row * 9..<row * 9 + 9])
                    == depth.values[row * 9..<row * 9 + 9].reversed())
        }
    }

    @Test("A box on pixel borders is cut exactly")
    func cut() throws {
        let depth = DecodedSample(channels: 1, height: 8, width: 16, values: noise(128, seed: 3))
        let box = ViewGeometry(x: 0.25, y: 0.5, width: 0.5, height: 0.25)
        let cut = try view(Plugins.depth, depth, box, height: 2, width: 8)
        let expected = (4..<6).flatMap { row in depth.values[row * 16 + 4..<row * 16 + 12] }
        #expect(zip(cut, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("A constant stays constant whatever the view and the holes")
    func constant() throws {
        let seed: UInt64 = 4
        var generator = SplitMix(seed: seed)
        for trial in 0..<50 {
            let (height, width) = (Int.random(in: 1...40, using: &generator), 31)
            let values = noise(height * width, seed: UInt64(trial), holes: 0.3)
                .map { $0 > 0 ? Float(2.5) : 0 }
            let box = ViewGeometry(
                x: Double.random(in: 0..<0.5, using: &generator),
                y: Double.random(in: 0..<0.5, using: &generator),
                width: Double.random(in: 0.05..<0.5, using: &generator),
                height: Double.random(in: 0.05..<0.5, using: &generator),
                flip: Bool.random(using: &generator))
            let output = try view(
                Plugins.depth,
                DecodedSample(channels: 1, height: height, width: width, values: values), box,
                height: 13, width: 11)
            #expect(
                output.allSatisfy { $0 == 0 || abs($0 - 2.5) < 1e-4 }, "seed \(seed) trial \(trial)"
            )
        }
    }

    @Test("Values never leave the range of the valid pixels they come from")
    func noBlendingAcrossHoles() throws {
        for seed: UInt64 in 0..<20 {
            let values = noise(24 * 24, seed: seed, holes: 0.4)
            let sample = DecodedSample(channels: 1, height: 24, width: 24, values: values)
            let output = try view(
                Plugins.depth, sample, ViewGeometry(x: 0.1, y: 0.05, width: 0.8, height: 0.9),
                height: 17, width: 10)
            let lowest = values.filter { $0 > 0 }.min() ?? 0
            #expect(
                output.allSatisfy { $0 == 0 || $0 >= lowest * 0.9999 && $0 <= 4 }, "seed \(seed)")
            #expect(output.contains { $0 > 0 })
        }
    }

    @Test("Less than half valid weight is a hole, more is not")
    func halfRule() throws {
        let sample = DecodedSample(
            channels: 1, height: 1, width: 8, values: [0, 0, 0, 3, 3, 3, 3, 3])
        let output = try view(Plugins.depth, sample, .full, height: 1, width: 2)
        #expect(output[0] == 0)
        #expect(abs(output[1] - 3) < 1e-6)
    }

    @Test("Reducing colour keeps the mean")
    func mean() throws {
        let values = noise(3 * 64 * 48, seed: 9)
        let sample = DecodedSample(channels: 3, height: 48, width: 64, values: values)
        let output = try view(Plugins.rgb, sample, .full, height: 6, width: 8)
        let before = values.reduce(0, +) / Float(values.count)
        let after = output.reduce(0, +) / Float(output.count)
        #expect(abs(before - after) < 0.02)
    }

    @Test("Boxes that leave the picture or are empty are refused")
    func geometry() throws {
        let sample = DecodedSample(channels: 1, height: 4, width: 4, values: noise(16, seed: 5))
        for box in [
            ViewGeometry(x: 0.5, y: 0, width: 0.6, height: 1),
            ViewGeometry(x: -0.1, y: 0, width: 0.5, height: 1),
            ViewGeometry(x: 0, y: 0, width: 0, height: 1),
            ViewGeometry(x: .nan, y: 0, width: 1, height: 1),
        ] {
            #expect(
                code { _ = try view(Plugins.depth, sample, box, height: 2, width: 2) }
                    == "view.geometry")
        }
    }
}
