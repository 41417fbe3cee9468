package import Foundation

/// How the protocol reads and writes JSON: sorted keys, no escaped slashes, one line.
///
/// Every type spells its keys itself (`snake_case`) and writes times as ISO 8601 text, so any coder
/// gives the same document; this one only fixes the order.
package enum ControlJSON {
    /// The bytes of one JSON document without a newline.
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws
        -> Value
    {
        try JSONDecoder().decode(type, from: data)
    }
}
