import Foundation

/// A protobuf message as its fields, so that a test can change one of them and keep the lengths around it true.
struct WireMessage {
    /// The messages of an ONNX file that have messages inside, with the kinds of those by field number.
    enum Kind {
        case model, graph, node, attribute, tensor, info, type, tensorType, shape, leaf

        func inside(_ field: Int) -> Kind? {
            switch (self, field) {
            case (.model, 7), (.attribute, 6): .graph
            case (.graph, 1): .node
            case (.graph, 5), (.attribute, 5): .tensor
            case (.graph, 11), (.graph, 12), (.graph, 13): .info
            case (.node, 5): .attribute
            case (.info, 2): .type
            case (.type, 1): .tensorType
            case (.tensorType, 2): .shape
            case (.model, 8), (.tensor, 13), (.shape, 1): .leaf
            default: nil
            }
        }
    }

    enum Content {
        case number(UInt64)
        /// Four or eight bytes of a fixed size.
        case fixed(Data)
        case bytes(Data)
        case message(WireMessage)
    }

    struct Field {
        var number: Int
        var content: Content
    }

    var kind: Kind
    var fields: [Field] = []

    init(kind: Kind, fields: [Field] = []) {
        self.kind = kind
        self.fields = fields
    }

    /// nil for what is no whole message.
    init?(_ data: Data, kind: Kind) {
        self.kind = kind
        var rest = data[...]
        while !rest.isEmpty {
            guard let tag = WireMessage.number(&rest) else { return nil }
            let number = Int(tag >> 3)
            switch tag & 7 {
            case 0:
                guard let value = WireMessage.number(&rest) else { return nil }
                fields.append(Field(number: number, content: .number(value)))
            case 1, 5:
                let size = tag & 7 == 1 ? 8 : 4
                guard rest.count >= size else { return nil }
                fields.append(Field(number: number, content: .fixed(rest.prefix(size))))
                rest = rest.dropFirst(size)
            case 2:
                guard let length = WireMessage.number(&rest), length <= UInt64(rest.count) else {
                    return nil
                }
                let bytes = Data(rest.prefix(Int(length)))
                rest = rest.dropFirst(Int(length))
                let message = kind.inside(number).flatMap { WireMessage(bytes, kind: $0) }
                fields.append(
                    Field(number: number, content: message.map { .message($0) } ?? .bytes(bytes)))
            default: return nil
            }
        }
    }

    var data: Data {
        var data = Data()
        for field in fields {
            let tag = UInt64(field.number) << 3
            switch field.content {
            case .number(let value): data += WireMessage.varint(tag) + WireMessage.varint(value)
            case .fixed(let bytes):
                data += WireMessage.varint(tag | (bytes.count == 8 ? 1 : 5)) + bytes
            case .bytes(let bytes):
                data +=
                    WireMessage.varint(tag | 2) + WireMessage.varint(UInt64(bytes.count)) + bytes
            case .message(let message):
                let bytes = message.data
                data +=
                    WireMessage.varint(tag | 2) + WireMessage.varint(UInt64(bytes.count)) + bytes
            }
        }
        return data
    }

    /// The places of all fields, those of inner messages included, as indices from the outside in.
    var places: [[Int]] {
        fields.indices.flatMap { index -> [[Int]] in
            guard case .message(let message) = fields[index].content else { return [[index]] }
            return [[index]] + message.places.map { [index] + $0 }
        }
    }

    subscript(place: [Int]) -> Field {
        guard place.count > 1, case .message(let message) = fields[place[0]].content else {
            return fields[place[0]]
        }
        return message[Array(place.dropFirst())]
    }

    /// Changes the message that holds a field.
    mutating func change(
        around place: [Int], _ body: (inout WireMessage, _ index: Int) -> Void
    ) {
        guard place.count > 1, case .message(var message) = fields[place[0]].content else {
            body(&self, place[0])
            return
        }
        message.change(around: Array(place.dropFirst()), body)
        fields[place[0]].content = .message(message)
    }

    private static func number(_ data: inout Data.SubSequence) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = data.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func varint(_ value: UInt64) -> Data {
        var rest = value
        var bytes = Data()
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}
