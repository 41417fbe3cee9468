import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// One request as a route sees it.
struct RequestContext {
    let peer: Peer
    /// What the route's pattern left open, by name.
    let parameters: [String: String]
    let query: [String: String]
    let headers: HTTPHeaders
    let body: RequestBody
    let limits: ServerLimits

    /// A parameter of the path; the route's pattern names it.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The body as JSON of a known shape.
    ///
    /// - Throws: `ControlError` `request.malformed` that names the key, or `request.too_large`.
    func json<Value: Decodable>(_ type: Value.Type) async throws -> (value: Value, bytes: Data) {
        let data = try await body.collect(upTo: limits.jsonBody)
        do {
            return (try ControlJSON.decode(type, from: data), data)
        } catch let error as DecodingError {
            throw ControlError("request.malformed", "the body is not what \(error.explanation)")
        }
    }

    /// A whole number of the query, nil where it is absent.
    func integer(_ name: String) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let value = Int64(text), value >= 0 else {
            throw ControlError(
                "request.malformed", "`\(name)=\(text)`: expected a whole number of at least 0")
        }
        return value
    }

    /// A yes-or-no of the query; absent means no.
    func flag(_ name: String) throws -> Bool {
        switch query[name] {
        case nil, "0", "false": return false
        case "1", "true", "": return true
        case .some(let text):
            throw ControlError("request.malformed", "`\(name)=\(text)`: expected 0 or 1")
        }
    }
}

extension DecodingError {
    /// One clause that names the key.
    fileprivate var explanation: String {
        func place(_ context: Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "" : " at `\(path)`"
        }
        switch self {
        case .keyNotFound(let key, let context):
            return "was expected: the key `\(key.stringValue)` is missing" + place(context)
        case .typeMismatch(let type, let context):
            return "was expected: expected \(type)" + place(context)
        case .valueNotFound(let type, let context):
            return "was expected: null where \(type) was expected" + place(context)
        case .dataCorrupted(let context):
            return "was expected: \(context.debugDescription)" + place(context)
        @unknown default:
            return "was expected: \(self)"
        }
    }
}
