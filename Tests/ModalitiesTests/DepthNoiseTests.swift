import Foundation
import Modalities
import Testing

@Suite("Depth noise")
struct DepthNoiseTests {
    private func noisy(_ values: [Float], side: Int, seed: UInt64, index: UInt64) throws -> [Float]
    {
        var values = values
        try values.withUnsafeMutableBufferPointer {
            try Plugins.depth.augment($0, height: side, width: side, seed: seed, index: index)
        }
        return values
    }

    private let side = 64
    private var plane: [Float] { [Float](repeating: 2, count: 64 * 64) }

    @Test("The same seed and index give the same bits, others do not")
    func deterministic() throws {
        let first = try noisy(plane, side: side, seed: 7, index: 11)
        #expect(try noisy(plane, side: side, seed: 7, index: 11) == first)
        #expect(try noisy(plane, side: side, seed: 7, index: 12) != first)
        #expect(try noisy(plane, side: side, seed: 8, index: 11) != first)
    }

    @Test("A plane keeps its depth but for scale, axial noise and at most four holes")
    func statistics() throws {
        var scales: [Float] = []
        for index: UInt64 in 0..<40 {
            let valid = try noisy(plane, side: side, seed: 3, index: index).filter { $0 > 0 }
            // Four holes of at most a fifth of each side.
            #expect(valid.count >= side * side * 84 / 100)
            let mean = valid.reduce(0, +) / Float(valid.count)
            let variance = valid.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(valid.count)
            let sigma = 0.0012 + 0.0019 * (mean - 0.4) * (mean - 0.4)
            #expect(abs(variance.squareRoot() / sigma - 1) < 0.1, "index \(index)")
            scales.append(mean / 2)
        }
        #expect(scales.allSatisfy { (0.949...1.051).contains($0) })
        #expect((scales.max() ?? 0) - (scales.min() ?? 0) > 0.06)
    }

    @Test("Pixels vanish beside a jump, about three in ten, and invalid ones stay invalid")
    func edges() throws {
        var values = plane
        for row in 0..<side {
            for column in 32..<side { values[row * side + column] = 3 }
            values[row * side] = 0
        }
        var (near, gone, far) = (0, 0, 0)
        for index: UInt64 in 0..<60 {
            let result = try noisy(values, side: side, seed: 5, index: index)
            for row in 0..<side {
                #expect(result[row * side] == 0)
                // Count only rows that no hole touches.
                let line = (1..<side).map { result[row * side + $0] }
                if line.count(where: { $0 == 0 }) > 4 { continue }
                for column in 1..<side {
                    let dropped = result[row * side + column] == 0
                    if (30..<34).contains(column) {
                        near += 1
                        gone += dropped ? 1 : 0
                    } else if dropped {
                        far += 1
                    }
                }
            }
        }
        let share = Double(gone) / Double(near)
        #expect((0.26...0.34).contains(share), "share \(share)")
        // Narrow holes may slip through the filter above, nothing else may.
        #expect(far < near / 50)
    }
}
