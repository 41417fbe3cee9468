import Foundation
import Modalities
import Testing

@Suite("Damaged input")
struct MutationTests {
    private static let words = (0..<15 * 11).map { UInt16(truncatingIfNeeded: 500 + $0 * 13) }

    private static let seeds: [(name: String, bytes: [UInt8])] = [
        ("jpeg", JPEGSample.bytes),
        ("png16", PictureFiles.png16(width: 15, height: 11, words)),
        (
            "png8",
            PictureFiles.pngRGB(width: 15, height: 11, words.flatMap { [UInt8($0 & 255), 1, 2] })
        ),
        ("pgm", PictureFiles.pnm("P5", width: 15, height: 11, maximum: 65_535, words)),
        (
            "npy",
            PictureFiles.npy(
                descr: "<u2", shape: "(11, 15)",
                data: words.flatMap { PictureFiles.bigEndian($0.byteSwapped) })
        ),
    ]

    @Test("2,000 mutated files are decoded or refused, and never crash")
    func mutated() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("mutation seed \(seed)")
        var generator = SplitMix(seed: seed)
        var (decoded, refused) = (0, 0)
        try withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("mutated").path
            for trial in 0..<2000 {
                let bytes = Self.mutate(Self.seeds[trial % Self.seeds.count].bytes, &generator)
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                for plugin in [Plugins.rgb, Plugins.depth] {
                    do {
                        _ = try plugin.inspect(path: path, contents: trial % 3 == 0)
                        let sample = try plugin.decode(path: path, minimumShortSide: trial % 7)
                        #expect(
                            sample.values.allSatisfy { $0.isFinite }, "seed \(seed) trial \(trial)")
                        decoded += 1
                    } catch let error as PluginError {
                        #expect(!error.message.isEmpty && error.code.contains("."))
                        refused += 1
                    }
                }
            }
        }
        #expect(decoded + refused == 4000)
        #expect(refused > 2000)
    }

    private static func mutate(_ original: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = .random(in: 0...255, using: &generator)
            case 2: bytes[place] = 0xFF
            case 3: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator) / 4)
            case 4: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default:
                // Headers are where the sizes are.
                bytes[min(place % 40, bytes.count - 1)] = .random(in: 0...255, using: &generator)
            }
        }
        return bytes
    }
}
