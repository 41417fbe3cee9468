import CPNG
import Foundation
import Testing

@Suite("The quick way through a PNG gives what libpng gives")
struct QuickPNGTests {
    private static let layouts: [(layout: distill_png_layout, bytes: Int)] = [
        (DISTILL_PNG_RGB8, 3), (DISTILL_PNG_RGB16, 6), (DISTILL_PNG_GRAY16, 2),
        (DISTILL_PNG_GRAY8, 1),
    ]

    private struct Outcome: Equatable {
        var good: Bool
        var code: Int32
        var header: [UInt32]
        var pixels: [UInt8]
    }

    private func outcome(
        _ bytes: [UInt8], _ layout: distill_png_layout, _ capacity: Int, quick: Bool
    ) -> Outcome {
        var header = distill_png_header()
        var error = distill_png_error()
        var pixels = [UInt8](repeating: 0xA5, count: capacity)
        let read = quick ? distill_png_read : distill_png_read_with_libpng
        let good = read(
            bytes, bytes.count, 1 << 26, layout, &pixels, capacity, &header, &error)
        return Outcome(
            good: good != 0, code: error.code,
            header: [
                header.width, header.height, header.bit_depth, header.channels, header.palette,
                header.alpha, header.interlaced,
            ], pixels: good != 0 ? pixels : [])
    }

    /// Reads a file both ways in every layout; returns how often it was accepted.
    @discardableResult
    private func compare(_ bytes: [UInt8], _ what: String) -> Int {
        var header = distill_png_header()
        var error = distill_png_error()
        // Where the header is bad, any size will do.
        let known = distill_png_read_with_libpng(
            bytes, bytes.count, 1 << 26, DISTILL_PNG_RGB8, nil, 0, &header, &error)
        let area = known != 0 ? Int(header.width) * Int(header.height) : 64
        var accepted = 0
        for (layout, size) in Self.layouts {
            let libpng = outcome(bytes, layout, area * size, quick: false)
            let quick = outcome(bytes, layout, area * size, quick: true)
            #expect(libpng == quick, "\(what), layout \(layout.rawValue)")
            accepted += libpng.good ? 1 : 0
        }
        return accepted
    }

    @Test("Every PNG of the test data", .enabled(if: realData("pngsuite") != nil))
    func testData() throws {
        let root = try #require(realData("pngsuite")).deletingLastPathComponent()
        let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        let files = (walker?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "png" }
            .sorted { $0.path < $1.path }
        let pictures = files.filter { $0.path.contains("pngsuite") }
        // Of the recordings, which are alike, a few.
        let recordings = files.filter { !$0.path.contains("pngsuite") }.enumerated()
            .filter { $0.offset % 97 == 0 }.map(\.element)
        var accepted = 0
        for file in pictures + recordings {
            let bytes = [UInt8](try Data(contentsOf: file))
            accepted += compare(bytes, file.lastPathComponent)
        }
        #expect(accepted > 150)
    }

    @Test("Random bytes under random filters, in all sizes around a group of rows")
    func filters() {
        var generator = SplitMix(seed: 31)
        var accepted = 0
        for (depth, channels) in [(16, 1), (8, 1), (8, 3), (16, 3)] {
            for width in [1, 2, 7, 8, 9, 15, 16, 17, 31, 64] {
                for height in [1, 7, 8, 9, 16, 25] {
                    let picture = Picture(
                        width: width, height: height, depth: depth, channels: channels,
                        filters: .random(in: 0...4, using: &generator),
                        pieces: .random(in: 1...3, using: &generator), generator: &generator)
                    accepted += compare(picture.file, "\(picture.title), seed 31")
                }
            }
        }
        #expect(accepted >= 240)
    }

    @Test("Damaged files are refused alike")
    func damage() {
        var generator = SplitMix(seed: 77)
        let whole = Picture(
            width: 40, height: 24, depth: 16, channels: 1, filters: 4, pieces: 2,
            generator: &generator
        ).file
        #expect(compare(whole, "whole") == 3, "colour of 8 and 16 bits, and gray of 16")
        for length in stride(from: 0, to: whole.count, by: 37) {
            compare(Array(whole[..<length]), "cut to \(length)")
        }
        for trial in 0..<400 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            compare(bytes, "damage \(trial), seed 77")
            compare(Picture.repaired(bytes), "damage \(trial) with right sums, seed 77")
        }
    }
}

/// A PNG of random bytes: whatever the filters make of them is its picture.
private struct Picture {
    let title: String
    let file: [UInt8]

    /// - Parameters:
    ///   - filters: 4: all rows have Paeth; 3: any but Average; else any.
    ///   - pieces: how many IDAT chunks.
    init(
        width: Int, height: Int, depth: Int, channels: Int, filters: Int, pieces: Int,
        generator: inout SplitMix
    ) {
        title = "\(width) x \(height), \(channels) x \(depth) bits, filters \(filters)"
        var raw: [UInt8] = []
        for _ in 0..<height {
            switch filters {
            case 4: raw.append(4)
            case 3: raw.append([0, 1, 2, 4].randomElement(using: &generator) ?? 0)
            default: raw.append(.random(in: 0...4, using: &generator))
            }
            for _ in 0..<(width * channels * depth / 8) {
                raw.append(.random(in: 0...255, using: &generator))
            }
        }
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let header =
            Picture.word(width) + Picture.word(height)
            + [UInt8(depth), channels == 1 ? 0 : 2, 0, 0, 0]
        bytes += Picture.chunk("IHDR", header)
        bytes += Picture.chunk("pHYs", Picture.word(1) + Picture.word(1) + [0])
        let packed = Picture.packed(raw)
        let size = (packed.count + pieces - 1) / pieces
        for start in stride(from: 0, to: packed.count, by: size) {
            bytes += Picture.chunk("IDAT", Array(packed[start..<min(start + size, packed.count)]))
        }
        file = bytes + Picture.chunk("IEND", [])
    }

    /// The file with every chunk's sum made right again, as far as its lengths lead.
    static func repaired(_ file: [UInt8]) -> [UInt8] {
        var bytes = file
        var position = 8
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            guard position + 12 + length <= bytes.count else { break }
            let end = position + 8 + length
            bytes.replaceSubrange(end..<end + 4, with: sum(Array(bytes[position + 4..<end])))
            position = end + 4
        }
        return bytes
    }

    private static func word(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    private static func sum(_ bytes: [UInt8]) -> [UInt8] {
        word(Int(libdeflate_crc32(0, bytes, bytes.count)))
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return word(content.count) + body + sum(body)
    }

    private static func packed(_ raw: [UInt8]) -> [UInt8] {
        let packer = libdeflate_alloc_compressor(6)
        defer { libdeflate_free_compressor(packer) }
        var packed = [UInt8](
            repeating: 0, count: libdeflate_zlib_compress_bound(packer, raw.count))
        let count = libdeflate_zlib_compress(packer, raw, raw.count, &packed, packed.count)
        return Array(packed[..<count])
    }
}
