/// How a camera was held, as EXIF says it: what has to be done to a stored picture before it is looked at.
///
/// - Reference: CIPA DC-008, tag 274; for PNG the chunk `eXIf`.
package enum ExifOrientation: Int, Sendable {
    case upright = 1
    case mirrored, turnedHalf, flipped, transposed, turnedRight, transversed, turnedLeft

    /// Whether width and height change places.
    package var swapsSides: Bool { rawValue >= 5 }

    /// The orientation that a JPEG or PNG file names; upright where it names none, or nonsense.
    package static func of(_ file: SampleFile) -> ExifOrientation {
        if file.begins(with: [0xFF, 0xD8]) { return ofJPEG(file.bytes) }
        if file.begins(with: PNGChunks.signature) { return ofPNG(file.bytes) }
        return .upright
    }

    /// Where in the stored picture the pixel lies that is shown at (`row`, `column`).
    ///
    /// - Parameters: `height` and `width` of the stored picture.
    package func source(
        row: Int, column: Int, height: Int, width: Int
    ) -> (row: Int, column: Int) {
        switch self {
        case .upright: (row, column)
        case .mirrored: (row, width - 1 - column)
        case .turnedHalf: (height - 1 - row, width - 1 - column)
        case .flipped: (height - 1 - row, column)
        case .transposed: (column, row)
        case .turnedRight: (height - 1 - column, row)
        case .transversed: (height - 1 - column, width - 1 - row)
        case .turnedLeft: (column, width - 1 - row)
        }
    }

    /// Walks the segments in front of the picture's data.
    private static func ofJPEG(_ bytes: [UInt8]) -> ExifOrientation {
        var position = 2
        while position + 4 <= bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            if marker == 0xFF {
                position += 1
                continue
            }
            if marker == 0xDA || marker == 0xD9 { break }
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            let end = position + 2 + length
            guard length >= 2, end <= bytes.count else { break }
            if marker == 0xE1, length >= 8,
                bytes[position + 4..<position + 10].elementsEqual("Exif\0\0".utf8)
            {
                return ofTIFF(bytes[position + 10..<end])
            }
            position = end
        }
        return .upright
    }

    private static func ofPNG(_ bytes: [UInt8]) -> ExifOrientation {
        var position = PNGChunks.signature.count
        while position + 12 <= bytes.count {
            let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            let (begin, end) = (position + 8, position + 8 + length)
            guard end + 4 <= bytes.count else { break }
            let name = bytes[position + 4..<begin]
            if name.elementsEqual("eXIf".utf8) { return ofTIFF(bytes[begin..<end]) }
            if name.elementsEqual("IEND".utf8) { break }
            position = end + 4
        }
        return .upright
    }

    /// Looks the tag up in the first directory of a TIFF block.
    private static func ofTIFF(_ block: ArraySlice<UInt8>) -> ExifOrientation {
        let bytes = Array(block)
        guard bytes.count >= 8 else { return .upright }
        let isLittle = bytes[0] == 0x49
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at >= 0, at + count <= bytes.count else { return nil }
            let order =
                isLittle ? Array(bytes[at..<at + count].reversed()) : Array(bytes[at..<at + count])
            return order.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let count = number(directory, 2) else {
            return .upright
        }
        for entry in 0..<min(count, 512) {
            let place = directory + 2 + 12 * entry
            guard let tag = number(place, 2) else { break }
            // A short, or against the standard a long.
            let size = number(place + 2, 2) == 4 ? 4 : 2
            if tag == 0x0112, let value = number(place + 8, size) {
                return ExifOrientation(rawValue: value) ?? .upright
            }
        }
        return .upright
    }
}
