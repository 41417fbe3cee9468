/// A binary PGM (P5) or PPM (P6) picture of 8 or 16 bits a channel.
///
/// - Reference: the Netpbm format specifications; values of pictures with a maximum above 255 are
///   big-endian there.
package struct PNMFile {
    package let width: Int, height: Int
    /// 1 for PGM, 3 for PPM.
    package let channels: Int
    /// The value that means full brightness, 1 to 65535.
    package let maximum: Int
    private let bytes: [UInt8]
    private let dataOffset: Int

    package var bytesPerValue: Int { maximum > 255 ? 2 : 1 }

    /// Whether a file begins as one of the PNM family.
    package static func recognises(_ file: SampleFile) -> Bool {
        guard file.bytes.count >= 2, file.bytes[0] == UInt8(ascii: "P") else { return false }
        return (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(file.bytes[1])
    }

    /// Reads the header and checks that all the data is there.
    ///
    /// - Throws: `pnm.kind`, `file.corrupt`, `file.truncated`, `file.size`.
    package init(_ file: SampleFile) throws {
        bytes = file.bytes
        switch bytes[1] {
        case UInt8(ascii: "5"): channels = 1
        case UInt8(ascii: "6"): channels = 3
        default:
            throw PluginFailure(
                "pnm.kind",
                "it is a P\(Character(Unicode.Scalar(bytes[1]))) picture, expected binary P5 (gray) "
                    + "or P6 (colour)")
        }
        var reader = HeaderReader(bytes: bytes)
        width = try reader.number("width")
        height = try reader.number("height")
        maximum = try reader.number("maximum")
        dataOffset = reader.position + 1  // one white space ends the header
        try SampleFile.check(width: width, height: height)
        guard (1...65_535).contains(maximum) else {
            throw PluginFailure(
                "file.corrupt", "its maximum is \(maximum), expected 1 to 65535")
        }
        let needed = width * height * channels * (maximum > 255 ? 2 : 1)
        guard bytes.count - dataOffset >= needed else {
            throw PluginFailure(
                "file.truncated",
                "it holds \(max(bytes.count - dataOffset, 0)) bytes of \(needed) that its header "
                    + "promises")
        }
    }

    /// Every stored value, interleaved, row by row; `littleEndian` is for writers that ignore the
    /// format's byte order.
    package func visit(littleEndian: Bool = false, _ body: (Int, UInt16) -> Void) {
        let count = width * height * channels
        bytes.withUnsafeBufferPointer { all in
            if bytesPerValue == 1 {
                for index in 0..<count { body(index, UInt16(all[dataOffset + index])) }
                return
            }
            for index in 0..<count {
                let first = UInt16(all[dataOffset + 2 * index])
                let second = UInt16(all[dataOffset + 2 * index + 1])
                body(index, littleEndian ? second << 8 | first : first << 8 | second)
            }
        }
    }

    /// Walks over white space, comments and decimal numbers.
    private struct HeaderReader {
        let bytes: [UInt8]
        var position = 2

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func number(_ name: String) throws -> Int {
            while position < bytes.count, isSpace(bytes[position]) || bytes[position] == 0x23 {
                if bytes[position] == 0x23 {
                    while position < bytes.count, bytes[position] != 0x0A { position += 1 }
                } else {
                    position += 1
                }
            }
            let start = position
            var value = 0
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
                value = min(value * 10 + Int(bytes[position] - 0x30), 1 << 30)
                position += 1
            }
            guard position < bytes.count else {
                throw PluginFailure("file.truncated", "the file ends in its header")
            }
            guard position > start, isSpace(bytes[position]) else {
                throw PluginFailure("file.corrupt", "its header has no number for the \(name)")
            }
            return value
        }

        private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    }
}
