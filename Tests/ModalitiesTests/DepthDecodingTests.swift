import Foundation
import Modalities
import Testing

@Suite("Depth files become metres")
struct DepthDecodingTests {
    /// High values, low-byte patterns, the invalid value and the largest one.
    static let words: [UInt16] = [
        0, 1, 255, 256, 257, 0x0100, 0x00FF, 0xFF00, 1234, 10_000, 65_534, 65_535,
    ]
    static let millimetres = words.map { Float(Double($0) * 0.001) }

    private func decode(_ bytes: [UInt8], _ options: PluginOptions = ["scale": 0.001]) throws
        -> [Float]
    {
        try withFile(bytes) { try Plugins.depth.decode(path: $0, options: options).values }
    }

    private func refusal(_ bytes: [UInt8], _ options: PluginOptions = [:]) throws -> String? {
        try withFile(bytes) { path in
            code { _ = try Plugins.depth.decode(path: path, options: options) }
        }
    }

    private func little<Bits: FixedWidthInteger>(_ values: [Bits]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }

    private func big<Bits: FixedWidthInteger>(_ values: [Bits]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    }

    @Test("16-bit PNG and PGM keep both bytes")
    func sixteenBits() throws {
        #expect(try decode(PictureFiles.png16(width: 4, height: 3, Self.words)) == Self.millimetres)
        let pgm = PictureFiles.pnm("P5", width: 4, height: 3, maximum: 65_535, Self.words)
        #expect(try decode(pgm) == Self.millimetres)
        let swapped = PictureFiles.pnm(
            "P5", width: 4, height: 3, maximum: 65_535, Self.words.map(\.byteSwapped))
        #expect(try decode(swapped, ["scale": 0.001, "byte_order": "little"]) == Self.millimetres)
    }

    @Test("NPY of every element type, in both byte orders")
    func arrays() throws {
        let small: [UInt8] = [0, 1, 2, 254, 255, 7]
        let metres = small.map { Float(Double($0) * 0.001) }
        let cases: [(String, [UInt8])] = [
            ("<u2", little(small.map { UInt16($0) })), (">u2", big(small.map { UInt16($0) })),
            ("<i2", little(small.map { Int16($0) })), (">i2", big(small.map { Int16($0) })),
            ("<u4", little(small.map { UInt32($0) })), (">i4", big(small.map { Int32($0) })),
            ("<i4", little(small.map { Int32($0) })),
            ("<f4", little(small.map { Float($0).bitPattern })),
            (">f4", big(small.map { Float($0).bitPattern })),
            ("<f8", little(small.map { Double($0).bitPattern })),
            (">f8", big(small.map { Double($0).bitPattern })),
        ]
        for (descr, data) in cases {
            for version: UInt8 in 1...3 {
                let file = PictureFiles.npy(
                    descr: descr, shape: "(2, 3)", version: version, data: data)
                #expect(try decode(file) == metres, "\(descr) version \(version)")
            }
        }
        let half: [UInt16] = [0x3C00, 0x4000, 0x3800, 0x7C00, 0x7E00, 0x0001]
        let file = PictureFiles.npy(descr: "<f2", shape: "(2, 3, 1)", data: little(half))
        #expect(try decode(file, [:]) == [1, 2, 0.5, 0, 0, Float(0x1p-24)])
        let signed = PictureFiles.npy(
            descr: "<i2", shape: "(1, 1, 2)", data: little([Int16(-5), 5]))
        #expect(try decode(signed) == [0, 0.005])
    }

    @Test("Scale, invalid value, maximum and rotated bits are what the options say")
    func options() throws {
        let file = PictureFiles.png16(width: 4, height: 1, [0, 500, 5000, 60_000])
        #expect(try decode(file, ["scale": 0.0002]) == [0, 0.1, 1, 12])
        #expect(try decode(file, ["scale": 0.0002, "maximum": 10]) == [0, 0.1, 1, 0])
        #expect(try decode(file, ["scale": 0.0002, "invalid": 500]) == [0, 0, 1, 12])
        #expect(try decode(file, [:])[1] == 0.5)
        let rotated = PictureFiles.png16(
            width: 2, height: 1, [1000, 40_000].map { UInt16($0) }.map { $0 << 3 | $0 >> 13 })
        #expect(try decode(rotated, ["scale": 0.001, "bit_rotation": 3]) == [1, 40])
        let floats = PictureFiles.npy(
            descr: "<f4", shape: "(1, 4)",
            data: little([Float.nan, -1, .infinity, 2.5].map(\.bitPattern)))
        #expect(try decode(floats, [:]) == [0, 0, 0, 2.5])
    }

    @Test("Unknown options name the known ones, and values must fit")
    func optionErrors() throws {
        let file = PictureFiles.png16(width: 1, height: 1, [1])
        try withFile(file) { path in
            let text = message { _ = try Plugins.depth.inspect(path: path, options: ["scal": 1]) }
            #expect(text.contains("unknown option `scal`"))
            #expect(text.contains("`maximum`") && text.contains("did you mean `scale`?"))
        }
        #expect(try refusal(file, ["scale": "0.001"]) == "option.kind")
        #expect(try refusal(file, ["scale": 0]) == "option.value")
        #expect(try refusal(file, ["byte_order": "middle"]) == "option.value")
        #expect(try refusal(file, ["bit_rotation": 1.5]) == "option.value")
    }

    @Test("What cannot be metric depth is refused with its reason")
    func notDepth() throws {
        let gray = PictureFiles.png(
            width: 2, height: 1, bitDepth: 8, colorType: 0, rows: [[3, 200]])
        #expect(try refusal(gray) == "depth.eight_bit")
        #expect(try decode(gray, ["allow_8bit": true, "scale": 0.01]) == [0.03, 2])
        let nibbles = PictureFiles.png(
            width: 2, height: 1, bitDepth: 4, colorType: 0, rows: [[0x3C]])
        #expect(try decode(nibbles, ["allow_8bit": true, "scale": 1]) == [3, 12])
        let pgm = PictureFiles.pnm("P5", width: 2, height: 1, maximum: 255, [3, 200])
        #expect(try refusal(pgm) == "depth.eight_bit")
        let bytes = PictureFiles.npy(descr: "|u1", shape: "(1, 2)", data: [3, 200])
        #expect(try refusal(bytes) == "depth.eight_bit")
        let rgba = PictureFiles.png(
            width: 1, height: 1, bitDepth: 8, colorType: 6, rows: [[1, 2, 3, 4]])
        #expect(try refusal(rgba) == "depth.not_gray")
        let palette = PictureFiles.png(
            width: 1, height: 1, bitDepth: 8, colorType: 3, rows: [[0]], palette: [1, 2, 3])
        #expect(try refusal(palette) == "depth.not_gray")
        let ppm = PictureFiles.pnm("P6", width: 1, height: 1, maximum: 65_535, [1, 2, 3])
        #expect(try refusal(ppm) == "depth.not_gray")
        #expect(try refusal(JPEGSample.bytes) == "depth.lossy")
        #expect(try refusal(Array("hello".utf8)) == "file.format")
        #expect(try refusal([]) == "file.empty")
        #expect(try refusal(Array("P2\n1 1\n255\n7\n".utf8)) == "pnm.kind")
        let fortran = PictureFiles.npy(
            descr: "<f4", shape: "(1, 1)", fortran: true, data: [0, 0, 0, 0])
        #expect(try refusal(fortran) == "npy.fortran_order")
        let cube = PictureFiles.npy(descr: "<f4", shape: "(2, 2, 3)", data: [])
        #expect(try refusal(cube) == "npy.shape")
        let complex = PictureFiles.npy(descr: "<c8", shape: "(1, 1)", data: [])
        #expect(try refusal(complex) == "npy.element")
        let huge = PictureFiles.npy(descr: "<f4", shape: "(40000, 40000)", data: [])
        #expect(try refusal(huge) == "file.size")
        #expect(code { _ = try Plugins.depth.decode(path: "/nowhere") } == "file.unreadable")
        #expect(code { _ = try Plugins.depth.decode(path: "/tmp") } == "file.not_regular")
    }

    @Test("A file cut short anywhere is an error, for inspection too")
    func truncation() throws {
        let words = (0..<64).map { UInt16($0 * 977) }
        let files = [
            PictureFiles.png16(width: 8, height: 8, words),
            PictureFiles.pnm("P5", width: 8, height: 8, maximum: 65_535, words),
            PictureFiles.npy(descr: "<u2", shape: "(8, 8)", data: little(words)),
        ]
        for file in files {
            for length in stride(from: 1, to: file.count, by: 3) {
                try withFile(Array(file.prefix(length))) { path in
                    #expect(code { _ = try Plugins.depth.decode(path: path) } != nil)
                    #expect(code { _ = try Plugins.depth.inspect(path: path) } != nil)
                }
            }
        }
    }

    @Test("Inspection reads the header and, asked for contents, warns of wrong declarations")
    func warnings() throws {
        func warnings(_ words: [UInt16], _ options: PluginOptions) throws -> [String] {
            try withFile(PictureFiles.png16(width: 16, height: 16, words)) { path in
                let plain = try Plugins.depth.inspect(path: path, options: options)
                #expect(plain.width == 16 && plain.bitDepth == 16 && plain.format == "png")
                #expect(plain.warnings.isEmpty)
                return try Plugins.depth.inspect(path: path, options: options, contents: true)
                    .warnings
            }
        }
        let normal = (0..<256).map { UInt16(1000 + 7 * $0) }
        #expect(try warnings(normal, ["scale": 0.001]).isEmpty)
        #expect(try warnings(normal, ["scale": 0.00001]).contains { $0.contains("median") })
        #expect(try warnings(normal, ["scale": 0.1]).contains { $0.contains("median") })
        let rotated = normal.map { $0 << 3 }
        #expect(
            try warnings(rotated, ["scale": 0.001]).contains { $0.contains("bit_rotation = 3") })
        #expect(try warnings(rotated, ["scale": 0.001, "bit_rotation": 3]).isEmpty)
        let empty = [UInt16](repeating: 0, count: 256)
        #expect(try warnings(empty, ["scale": 0.001]).contains { $0.contains("no pixel") })
    }

    @Test("A picture far too large is reduced over its valid pixels only")
    func reduced() throws {
        var words = [UInt16](repeating: 2000, count: 64 * 32)
        for index in words.indices where index % 64 < 4 { words[index] = 0 }
        try withFile(PictureFiles.png16(width: 64, height: 32, words)) { path in
            let sample = try Plugins.depth.decode(
                path: path, options: ["scale": 0.001], minimumShortSide: 8)
            #expect(sample.height == 8 && sample.width == 16)
            #expect(sample.values[0] == 0)
            #expect(sample.values.allSatisfy { $0 == 0 || abs($0 - 2) < 1e-5 })
            #expect(sample.values.count { $0 == 0 } == 8)
            let enough = try Plugins.depth.decode(path: path, minimumShortSide: 17)
            #expect(enough.height == 32 && enough.width == 64)
        }
    }
}
