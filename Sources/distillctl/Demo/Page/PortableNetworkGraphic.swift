import Foundation

/// Small pictures as PNG, stored without compression: for pages, not for archives.
///
/// - Reference: ISO/IEC 15948 (PNG); RFC 1950 and 1951 (zlib, stored blocks).
enum PortableNetworkGraphic {
    /// - Parameter rgb: 8-bit colour, `[height, width, 3]`.
    static func encode(rgb: [UInt8], width: Int, height: Int) -> Data {
        precondition(rgb.count == width * height * 3, "three bytes a pixel")
        var rows: [UInt8] = []
        rows.reserveCapacity(height * (width * 3 + 1))
        for row in 0..<height {
            // Filter 0: the row as it is.
            rows.append(0)
            rows += rgb[(row * width * 3)..<((row + 1) * width * 3)]
        }
        var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let header = bytes(UInt32(width)) + bytes(UInt32(height)) + [8, 2, 0, 0, 0]
        data += chunk("IHDR", header)
        data += chunk("IDAT", stored(rows))
        data += chunk("IEND", [])
        return data
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return bytes(UInt32(content.count)) + body + bytes(checksum(body))
    }

    /// A zlib stream of stored blocks.
    private static func stored(_ content: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var start = 0
        repeat {
            let count = min(65_535, content.count - start)
            let isLast: UInt8 = start + count == content.count ? 1 : 0
            let (low, high) = (UInt8(count & 0xFF), UInt8(count >> 8))
            stream += [isLast, low, high, ~low, ~high]
            stream += content[start..<(start + count)]
            start += count
        } while start < content.count
        var (first, second): (UInt32, UInt32) = (1, 0)
        for byte in content {
            first = (first + UInt32(byte)) % 65_521
            second = (second + first) % 65_521
        }
        return stream + bytes(second << 16 | first)
    }

    /// CRC-32.
    private static func checksum(_ content: [UInt8]) -> UInt32 {
        ~content.reduce(0xFFFF_FFFF as UInt32) { sum, byte in
            table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8)
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }
}
