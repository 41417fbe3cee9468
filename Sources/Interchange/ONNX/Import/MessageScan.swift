import Foundation

/// Counts the messages of a protobuf file before it is decoded.
///
/// An empty message takes two bytes in the file and hundreds in memory, so a small file could ask for
/// gigabytes. This walk over the outer levels takes no memory and bounds what decoding will take.
enum MessageScan {
    /// Nodes, tensors and attributes of the largest models are a hundred times fewer.
    private static let limit = 4_000_000

    /// - Throws: `InterchangeError.tooLarge` for more messages than any model has.
    static func check(_ data: Data) throws {
        try data.withUnsafeBytes { bytes in
            var count = 0
            // Model -> graph (7) -> node (1), initializer (5), inputs and outputs -> their parts.
            try walk(bytes, 0..<bytes.count, depth: 0, &count)
        }
    }

    private static func walk(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, depth: Int, _ count: inout Int
    ) throws {
        var position = range.lowerBound
        while position < range.upperBound {
            guard let tag = varint(bytes, &position, range.upperBound) else { return }
            switch tag & 7 {
            case 0: guard varint(bytes, &position, range.upperBound) != nil else { return }
            case 1: position += 8
            case 5: position += 4
            case 2:
                guard let length = varint(bytes, &position, range.upperBound),
                    length <= UInt64(range.upperBound - position)
                else { return }
                count += 1
                guard count <= limit else {
                    throw InterchangeError(.tooLarge, "has more than \(limit) parts")
                }
                let end = position + Int(length)
                if descends(depth, UInt32(truncatingIfNeeded: tag >> 3)) {
                    try walk(bytes, position..<end, depth: depth + 1, &count)
                }
                position = end
            default: return
            }
        }
    }

    /// Which fields are messages with parts of their own, by level.
    private static func descends(_ depth: Int, _ field: UInt32) -> Bool {
        switch depth {
        case 0: [7, 8, 14, 20, 25, 26].contains(field)
        case 1: [1, 5, 11, 12, 13, 14, 15, 16].contains(field)
        case 2: [2, 5, 9, 10, 13, 16].contains(field)
        default: false
        }
    }

    private static func varint(
        _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ end: Int
    ) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < end else { return nil }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
