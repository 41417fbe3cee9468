import Foundation
import Modalities
import Testing

@Suite("Colour files become 0...1")
struct RGBDecodingTests {
    private func decode(_ bytes: [UInt8], minimum: Int = 0) throws -> DecodedSample {
        try withFile(bytes) { try Plugins.rgb.decode(path: $0, minimumShortSide: minimum) }
    }

    private func refusal(_ bytes: [UInt8]) throws -> String? {
        try withFile(bytes) { path in code { _ = try Plugins.rgb.decode(path: path) } }
    }

    @Test("PNG of every colour type")
    func colourTypes() throws {
        func values(_ depth: UInt8, _ type: UInt8, _ row: [UInt8], palette: [UInt8] = []) throws
            -> [Float]
        {
            try decode(
                PictureFiles.png(
                    width: 2, height: 1, bitDepth: depth, colorType: type, rows: [row],
                    palette: palette)
            ).values
        }
        func planes(_ first: [Float], _ second: [Float]) -> [Float] {
            zip(first, second).flatMap { [$0, $1] }
        }
        let unit: Float = 1 / 255
        #expect(
            try values(8, 2, [255, 0, 51, 0, 255, 102])
                == planes([255 * unit, 0, 51 * unit], [0, 255 * unit, 102 * unit]))
        #expect(
            try values(8, 0, [0, 255]) == planes([0, 0, 0], [255 * unit, 255 * unit, 255 * unit]))
        #expect(try values(1, 0, [0b0100_0000])[1] == 255 * unit)
        #expect(
            try values(8, 3, [1, 0], palette: [0, 51, 102, 255, 0, 0])
                == planes([255 * unit, 0, 0], [0, 51 * unit, 102 * unit]))
        #expect(try values(8, 4, [51, 0, 102, 255])[0] == 51 * unit)
        #expect(try values(8, 6, [51, 0, 0, 0, 102, 0, 0, 255])[0] == 51 * unit)
        let wide = try values(16, 2, [0x01, 0x00, 0, 0, 0, 0x01, 0xFF, 0xFF, 0, 0, 0, 0])
        #expect(wide == planes([256 / 65_535, 0, 1 / 65_535], [1, 0, 0]))
    }

    @Test("Binary PPM of 8 and 16 bits, and PGM as gray")
    func netpbm() throws {
        let eight = PictureFiles.pnm("P6", width: 1, height: 1, maximum: 100, [0, 50, 100])
        #expect(try decode(eight).values == [0, 0.5, 1])
        let sixteen = PictureFiles.pnm("P6", width: 1, height: 1, maximum: 1000, [0, 500, 1000])
        #expect(try decode(sixteen).values == [0, 0.5, 1])
        let gray = PictureFiles.pnm("P5", width: 1, height: 1, maximum: 2, [1])
        #expect(try decode(gray).values == [0.5, 0.5, 0.5])
    }

    @Test("JPEG at full size and reduced by the codec")
    func jpeg() throws {
        for (minimum, height, width) in [
            (0, 32, 48), (17, 32, 48), (16, 16, 24), (8, 8, 12), (2, 2, 3),
        ] {
            let sample = try decode(JPEGSample.bytes, minimum: minimum)
            #expect(sample.height == height && sample.width == width)
            var worst: Float = 0
            for row in 0..<height {
                for column in 0..<width {
                    let x = (Float(column) + 0.5) * 48 / Float(width) - 0.5
                    let y = (Float(row) + 0.5) * 32 / Float(height) - 0.5
                    let pixel = row * width + column
                    let area = height * width
                    worst = max(worst, abs(sample.values[pixel] - 5 * x / 255))
                    worst = max(worst, abs(sample.values[area + pixel] - 7 * y / 255))
                    worst = max(worst, abs(sample.values[2 * area + pixel] - 128 / 255))
                }
            }
            #expect(worst < 0.06, "minimum \(minimum)")
        }
    }

    @Test("A picture far too large is averaged down")
    func reduced() throws {
        let values = (0..<40 * 24).flatMap { index -> [UInt8] in
            let red: UInt8 = index % 2 == 0 ? 0 : 200
            return [red, 100, UInt8(index / 40)]
        }
        let sample = try decode(PictureFiles.pngRGB(width: 40, height: 24, values), minimum: 6)
        #expect(sample.height == 6 && sample.width == 10)
        for pixel in 0..<60 {
            #expect(abs(sample.values[60 + pixel] - 100 / 255) < 1e-5)
            // Stripes finer than an output pixel vanish into their mean.
            #expect(abs(sample.values[pixel] - 100 / 255) < 0.05)
        }
    }

    @Test("Damaged and foreign files are refused, each with its code")
    func refused() throws {
        let png = PictureFiles.pngRGB(width: 4, height: 4, [UInt8](repeating: 9, count: 48))
        var flipped = png
        flipped[60] ^= 1
        #expect(try refusal(flipped) == "file.corrupt")
        #expect(try refusal(Array(png.dropLast(12))) == "file.truncated")
        #expect(try refusal(Array(png.prefix(50))) == "file.truncated")
        for length in stride(from: 3, to: JPEGSample.bytes.count - 1, by: 7) {
            #expect(try refusal(Array(JPEGSample.bytes.prefix(length))) != nil, "\(length) bytes")
        }
        #expect(try refusal(Array(JPEGSample.bytes.dropLast(40))) == "file.truncated")
        #expect(try refusal(Array("GIF89a".utf8)) == "file.format")
        #expect(try refusal([]) == "file.empty")
        #expect(
            try refusal(Array("P6\n40000 2\n255\n".utf8)) == "file.size")
        try withFile(png) { path in
            #expect(
                code { _ = try Plugins.rgb.decode(path: path, options: ["gamma": 2]) }
                    == "option.unknown")
        }
    }

    @Test("Inspection sees what is stored and misses no cut file")
    func inspection() throws {
        try withFile(JPEGSample.bytes) { path in
            let header = try Plugins.rgb.inspect(path: path, contents: true)
            #expect(
                header
                    == FileHeader(format: "jpeg", width: 48, height: 32, channels: 3, bitDepth: 8))
        }
        try withFile(Array(JPEGSample.bytes.dropLast(30))) { path in
            #expect(code { _ = try Plugins.rgb.inspect(path: path) } == "file.truncated")
        }
    }

    /// The picture behind an EXIF block that names an orientation.
    private func turned(_ picture: [UInt8], _ orientation: UInt8, isLittle: Bool) -> [UInt8] {
        let tiff: [UInt8] =
            isLittle
            ? [
                0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0,
                0, 0, 0, 0, 0,
            ]
            : [
                0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0,
                0, 0, 0, 0, 0,
            ]
        let payload = Array("Exif\0\0".utf8) + tiff
        let length = payload.count + 2
        return Array(picture[..<2]) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)]
            + payload + picture[2...]
    }

    @Test("EXIF orientation is applied", arguments: [1, 2, 3, 4, 5, 6, 7, 8, 0, 9] as [UInt8])
    func orientation(_ orientation: UInt8) throws {
        let upright = try withFile(JPEGSample.bytes) { try Plugins.rgb.decode(path: $0) }
        for isLittle in [true, false] {
            try withFile(turned(JPEGSample.bytes, orientation, isLittle: isLittle)) { path in
                let header = try Plugins.rgb.inspect(path: path, contents: true)
                let sample = try Plugins.rgb.decode(path: path)
                let (height, width) = (5...8).contains(orientation) ? (48, 32) : (32, 48)
                #expect(header.height == height && header.width == width)
                #expect(sample.height == height && sample.width == width)
                // Where the stored picture's first row and first column lie, by the standard's table.
                let last = (height - 1, width - 1)
                let corner: (Int, Int) =
                    switch orientation {
                    case 2: (0, last.1)
                    case 3: last
                    case 4: (last.0, 0)
                    case 5: (0, 0)
                    case 6: (0, last.1)
                    case 7: last
                    case 8: (last.0, 0)
                    default: (0, 0)
                    }
                let isAcross = (5...8).contains(orientation)
                for step in [0, 7, 20] {
                    // Step pixels along the stored first row.
                    let down = corner.0 == 0 ? step : -step
                    let right = corner.1 == 0 ? step : -step
                    let place =
                        isAcross ? (corner.0 + down, corner.1) : (corner.0, corner.1 + right)
                    #expect(
                        sample.values[place.0 * width + place.1] == upright.values[step],
                        "orientation \(orientation), \(step) pixels along")
                }
            }
        }
    }
}
