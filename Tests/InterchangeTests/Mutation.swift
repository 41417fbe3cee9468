import Foundation
import Tensors

/// Damages files in the ways that accidents and attackers do.
enum Mutation {
    private static let numbers: [UInt64] = [
        0, 1, 2, 3, 0x7F, 0xFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 40, 1 << 62,
        0x7FFF_FFFF_FFFF_FFFF, 1 << 63, .max,
    ]
    private static let texts = [
        "0", "-1", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "99999999999999999999999", "1e9", "1.5",
    ]

    /// Flipped bits, cuts, lengths and sizes of another magnitude, at any byte.
    static func bytes(_ data: Data, _ generator: inout SeededGenerator) -> Data {
        var bytes = [UInt8](data)
        // Mostly changes of single values: what breaks the outer form is noticed at once and tests little.
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<28, using: &generator) {
            case 0..<10: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 10..<16: bytes[at] = UInt8.random(in: 0...255, using: &generator)
            case 16..<20:
                bytes[at] = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 20: bytes.removeSubrange(at..<bytes.count)
            case 21: bytes.remove(at: at)
            case 22:
                // A huge number where a small one was.
                let end = min(at + 9, bytes.count)
                bytes.replaceSubrange(at..<end, with: [UInt8](repeating: 0xFF, count: 9) + [1])
            case 23, 24:
                let width = [2, 4, 8].randomElement(using: &generator) ?? 4
                let number = numbers.randomElement(using: &generator) ?? 0
                // The field of a length more often than not.
                let start = Bool.random(using: &generator) ? 0 : at
                for index in 0..<min(width, bytes.count - start) {
                    bytes[start + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
                }
            case 25, 26:
                let first = bytes[at...].firstIndex { (0x30...0x39).contains($0) }
                let text = texts.randomElement(using: &generator) ?? "0"
                guard let first else { continue }
                let end =
                    bytes[first...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.endIndex
                bytes.replaceSubrange(first..<end, with: Array(text.utf8))
            default:
                let other = Int.random(in: 0..<bytes.count, using: &generator)
                let room = bytes.count - max(at, other)
                let length = min(Int.random(in: 1...32, using: &generator), room)
                let piece = Array(bytes[other..<other + length])
                bytes.replaceSubrange(at..<at + length, with: piece)
            }
        }
        return Data(bytes)
    }

    /// Changes of what an ONNX file says, in a file that stays whole: names that dangle, double or make cycles, huge
    /// extents, missing and repeated parts, short data, data in other files.
    static func meaning(_ model: WireMessage, _ generator: inout SeededGenerator) -> Data {
        var model = model
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let places = model.places
            guard let place = places.randomElement(using: &generator) else { break }
            let number = numbers.randomElement(using: &generator) ?? 0
            let choice = Int.random(in: 0..<8, using: &generator)
            let other = places.randomElement(using: &generator).map { model[$0] }
            let location = locations.randomElement(using: &generator) ?? ""
            let share = Int.random(in: 0..<64, using: &generator)
            model.change(around: place) { message, index in
                change(
                    &message, index, choice: choice, number: number, other: other,
                    location: location, share: share)
            }
        }
        return model.data
    }

    static let locations = [
        "weights.bin", "../secret.bin", "a/../../secret.bin", "link.bin", "/etc/passwd", "", ".",
    ]

    private static func change(
        _ message: inout WireMessage, _ index: Int, choice: Int, number: UInt64,
        other: WireMessage.Field?, location: String, share: Int
    ) {
        switch choice {
        case 0: message.fields.remove(at: index)
        case 1: message.fields.append(message.fields[index])
        case 2: message.fields.swapAt(index, share % message.fields.count)
        case 3 where message.kind == .tensor:
            let location = WireMessage(
                kind: .leaf,
                fields: [
                    .init(number: 1, content: .bytes(Data("location".utf8))),
                    .init(number: 2, content: .bytes(Data(location.utf8))),
                ])
            message.fields.removeAll { [4, 7, 9, 13, 14].contains($0.number) }
            message.fields += [
                .init(number: 13, content: .message(location)),
                .init(number: 14, content: .number(1)),
            ]
        default:
            switch (message.fields[index].content, other?.content) {
            case (.number, _): message.fields[index].content = .number(number)
            case (.bytes(let bytes), .bytes) where choice == 4:
                message.fields[index].content = .bytes(bytes.prefix(bytes.count * share / 64))
            case (.bytes, .bytes(let others)): message.fields[index].content = .bytes(others)
            case (.bytes(let bytes), _): message.fields[index].content = .bytes(bytes + [0x3F])
            case (.fixed(let bytes), _):
                message.fields[index].content = .fixed(
                    Data(repeating: UInt8(truncatingIfNeeded: number), count: bytes.count))
            case (.message(let inner), _):
                let doubled = inner.fields + inner.fields
                message.fields[index].content = .message(
                    WireMessage(kind: inner.kind, fields: doubled))
            }
        }
    }
}
