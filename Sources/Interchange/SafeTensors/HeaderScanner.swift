import Foundation

/// Reads the JSON of a safetensors header strictly: two levels, no duplicates, nothing unknown.
///
/// A general JSON parser would keep one of two equal keys in silence; a file in which a tensor is
/// described twice must be refused.
struct HeaderScanner {
    /// One description as written, not yet checked against the file's length.
    struct Description {
        var dtype: String?
        var shape: [Int]?
        var offsets: [Int]?
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: Data) { self.bytes = Array(bytes) }

    /// The tensors in order and the metadata.
    mutating func header() throws -> ([(String, Description)], [String: String]) {
        var tensors: [(String, Description)] = []
        var metadata: [String: String] = [:]
        var seen: Set<String> = []
        try object { scanner, key in
            guard seen.insert(key).inserted else {
                throw InterchangeError(
                    .malformed, node: key, "is described twice in the header")
            }
            if key == "__metadata__" {
                try scanner.object { scanner, key in
                    guard try metadata.updateValue(scanner.string(), forKey: key) == nil else {
                        throw InterchangeError(
                            .malformed, node: key, "is given twice in the metadata")
                    }
                }
            } else {
                tensors.append((key, try scanner.description(of: key)))
            }
        }
        skipSpace()
        guard position == bytes.count else { throw unexpected("the end of the header") }
        return (tensors, metadata)
    }

    private mutating func description(of name: String) throws -> Description {
        var description = Description()
        try object { scanner, key in
            switch key {
            case "dtype" where description.dtype == nil: description.dtype = try scanner.string()
            case "shape" where description.shape == nil: description.shape = try scanner.integers()
            case "data_offsets" where description.offsets == nil:
                description.offsets = try scanner.integers()
            default:
                throw InterchangeError(
                    .malformed, node: name, "key '\(key)' is unknown or given twice")
            }
        }
        return description
    }

    // MARK: JSON

    private mutating func object(
        _ member: (inout HeaderScanner, String) throws -> Void
    ) throws {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    private mutating func integers() throws -> [Int] {
        try expect("[")
        var numbers: [Int] = []
        if accept("]") { return numbers }
        repeat {
            skipSpace()
            let start = position
            while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
            guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
                throw unexpected("a whole number")
            }
            numbers.append(number)
        } while accept(",")
        try expect("]")
        return numbers
    }

    /// A string, its escapes decoded by Foundation.
    private mutating func string() throws -> String {
        skipSpace()
        let start = position
        guard accept("\"") else { throw unexpected("a string") }
        var escaped = false
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") {
                escaped = true
                position += 1
            }
            position += 1
        }
        guard position < bytes.count else { throw unexpected("the end of a string") }
        position += 1
        let quoted = bytes[start..<position]
        if escaped {
            guard let text = try? JSONDecoder().decode(String.self, from: Data(quoted)) else {
                throw InterchangeError(.malformed, "a string of the header is not valid JSON")
            }
            return text
        }
        guard let text = String(validating: quoted.dropFirst().dropLast(), as: UTF8.self) else {
            throw InterchangeError(.malformed, "a string of the header is not UTF-8")
        }
        return text
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard accept(character) else { throw unexpected("'\(character)'") }
    }

    private func unexpected(_ what: String) -> InterchangeError {
        InterchangeError(.malformed, "the header lacks \(what) at its byte \(position)")
    }
}
