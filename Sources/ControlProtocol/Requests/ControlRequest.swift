package import Foundation

/// One request of the protocol: a route and what its reply decodes to.
package protocol ControlRequest: Sendable {
    associatedtype Reply: Decodable & Sendable

    var method: ControlMethod { get }
    /// The path without query, segments not yet escaped.
    var path: [String] { get }
    var query: [ControlParameter] { get }
    var headers: [ControlParameter] { get }

    /// The JSON body, nil for none.
    func body() throws -> Data?
}

extension ControlRequest {
    package var query: [ControlParameter] { [] }
    package var headers: [ControlParameter] { [] }
    package func body() throws -> Data? { nil }

    /// Path and query as they stand in the request line.
    package var target: String {
        let path = "/" + self.path.map { ControlParameter.escape($0) }.joined(separator: "/")
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map {
                "\(ControlParameter.escape($0.name))=\(ControlParameter.escape($0.value))"
            }.joined(separator: "&")
    }
}

/// A request whose body is a file that is streamed, never held in memory.
package protocol ControlUpload: ControlRequest {
    /// `application/octet-stream` and the like.
    var contentType: String { get }
}

/// A request whose reply is a stream of bytes, not one JSON document.
package protocol ControlDownload: ControlRequest where Reply == JSONValue {}

/// The methods that routes use.
package enum ControlMethod: String, Sendable {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
}

/// A query parameter or a header.
package struct ControlParameter: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Percent-escapes everything but RFC 3986's unreserved characters.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }

    /// `name=value` for each value that is there.
    package static func present(_ pairs: (String, String?)...) -> [ControlParameter] {
        pairs.compactMap { name, value in value.map { ControlParameter(name, $0) } }
    }
}
