import Foundation

/// Writes ONNX models field by field, so that tests can make those that no library would.
struct HandmadeModel {
    private(set) var graph = Data()
    var opset = 17

    /// A protobuf field that holds bytes.
    static func field(_ number: Int, _ bytes: Data) -> Data {
        varint(UInt64(number) << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    static func field(_ number: Int, _ text: String) -> Data { field(number, Data(text.utf8)) }

    static func field(_ number: Int, _ value: Int) -> Data {
        varint(UInt64(number) << 3) + varint(UInt64(bitPattern: Int64(value)))
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

    mutating func node(
        _ kind: String, _ inputs: [String], _ outputs: [String], name: String = "",
        integers: [String: [Int]] = [:], scopes: String = ""
    ) {
        var node = Data()
        for input in inputs { node += Self.field(1, input) }
        for output in outputs { node += Self.field(2, output) }
        if !name.isEmpty { node += Self.field(3, name) }
        node += Self.field(4, kind)
        for (name, values) in integers.sorted(by: { $0.key < $1.key }) {
            var attribute = Self.field(1, name) + Self.field(20, 7)
            for value in values { attribute += Self.field(8, value) }
            node += Self.field(5, attribute)
        }
        if !scopes.isEmpty {
            let key = Self.field(1, "pkg.torch.onnx.name_scopes")
            node += Self.field(9, key + Self.field(2, scopes))
        }
        graph += Self.field(1, node)
    }

    /// An input of float32; a nil extent is open.
    mutating func input(_ name: String, _ extents: [Int?]) {
        graph += Self.field(11, Self.info(name, extents))
    }

    mutating func output(_ name: String, _ extents: [Int?] = []) {
        graph += Self.field(12, Self.info(name, extents))
    }

    /// A list of int64.
    mutating func integers(_ name: String, _ values: [Int]) {
        let bytes = values.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
        initializer(name, [values.count], bytes: bytes, type: 7)
    }

    /// An initializer, of float32 unless `type` says otherwise, with the given bytes.
    mutating func initializer(
        _ name: String, _ dims: [Int], bytes: Data, type: Int = 1, external: String? = nil
    ) {
        var tensor = Data()
        for extent in dims { tensor += Self.field(1, extent) }
        tensor += Self.field(2, type) + Self.field(8, name)
        if let external {
            let entry = Self.field(1, "location") + Self.field(2, external)
            tensor += Self.field(13, entry) + Self.field(14, 1)
        } else {
            tensor += Self.field(9, bytes)
        }
        graph += Self.field(5, tensor)
    }

    private static func info(_ name: String, _ extents: [Int?]) -> Data {
        var shape = Data()
        for extent in extents {
            shape += field(1, extent.map { field(1, $0) } ?? field(2, "open"))
        }
        let tensor = field(1, 1) + field(2, shape)
        return field(1, name) + field(2, field(1, tensor))
    }

    var data: Data {
        Self.field(1, 8) + Self.field(8, Self.field(1, "") + Self.field(2, opset))
            + Self.field(7, graph)
    }
}
