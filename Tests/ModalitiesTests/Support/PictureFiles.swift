/// Writers of small picture files, independent of the libraries that read them.
enum PictureFiles {
    /// A PNG from rows that are already packed as the format stores them (big-endian).
    static func png(
        width: Int, height: Int, bitDepth: UInt8, colorType: UInt8, rows: [[UInt8]],
        palette: [UInt8] = []
    ) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk(
            "IHDR", word(UInt32(width)) + word(UInt32(height)) + [bitDepth, colorType, 0, 0, 0])
        if !palette.isEmpty { file += chunk("PLTE", palette) }
        file += chunk("IDAT", stored(rows.flatMap { [0] + $0 }))
        return file + chunk("IEND", [])
    }

    /// A gray PNG of 16 bits.
    static func png16(width: Int, height: Int, _ values: [UInt16]) -> [UInt8] {
        let rows = (0..<height).map { row in
            (0..<width).flatMap { bigEndian(values[row * width + $0]) }
        }
        return png(width: width, height: height, bitDepth: 16, colorType: 0, rows: rows)
    }

    /// An RGB PNG of 8 bits from interleaved values.
    static func pngRGB(width: Int, height: Int, _ values: [UInt8]) -> [UInt8] {
        let rows = (0..<height).map { Array(values[$0 * width * 3..<($0 + 1) * width * 3]) }
        return png(width: width, height: height, bitDepth: 8, colorType: 2, rows: rows)
    }

    /// A binary PGM or PPM; values above 255 take two bytes, the high one first.
    static func pnm(
        _ kind: String, width: Int, height: Int, maximum: Int, _ values: [UInt16]
    ) -> [UInt8] {
        Array("\(kind)\n# a comment\n\(width) \(height)\n\(maximum)\n".utf8)
            + values.flatMap { maximum > 255 ? bigEndian($0) : [UInt8($0)] }
    }

    /// An NPY file of the given element type with data as stored.
    static func npy(
        descr: String, shape: String, fortran: Bool = false, version: UInt8 = 1, data: [UInt8]
    ) -> [UInt8] {
        let order = fortran ? "True" : "False"
        let header = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }\n"
        var file: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
        let count = UInt16(header.utf8.count)
        file += [UInt8(count & 255), UInt8(count >> 8)] + (version > 1 ? [0, 0] : [])
        return file + Array(header.utf8) + data
    }

    static func bigEndian(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

    private static func word(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return word(UInt32(data.count)) + body + word(checksum(body))
    }

    /// A zlib stream of blocks that are not compressed.
    private static func stored(_ data: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var rest = data[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let count = UInt16(block.count)
            stream += [rest.isEmpty ? 1 : 0]
            stream += [UInt8(count & 255), UInt8(count >> 8)]
            stream += [UInt8(~count & 255), UInt8(~count >> 8)] + block
        } while !rest.isEmpty
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in data {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return stream + word(high << 16 | low)
    }

    /// CRC-32 as PNG uses it.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { bits, _ in
                bits >> 1 ^ (bits & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
    }
}
