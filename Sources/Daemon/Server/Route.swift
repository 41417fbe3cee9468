import ControlProtocol
import NIOHTTP1

/// One thing the socket can be asked: method, path, who may, and the answer.
struct Route: Sendable {
    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    let method: HTTPMethod
    let pattern: [Segment]
    let right: Right
    /// The body is a file, not JSON: other limits apply.
    let isUpload: Bool
    let answer: @Sendable (DaemonServices, RequestContext) async throws -> Response

    /// - Parameter path: Like `/v1/jobs/{id}`.
    init(
        _ method: HTTPMethod, _ path: String, needs right: Right, isUpload: Bool = false,
        answer: @escaping @Sendable (DaemonServices, RequestContext) async throws -> Response
    ) {
        self.method = method
        self.right = right
        self.isUpload = isUpload
        self.answer = answer
        pattern = path.split(separator: "/").map { part in
            part.hasPrefix("{")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The path's parameters where it matches.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == pattern.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(pattern, path) {
            switch segment {
            case .literal(let literal): if literal != part { return nil }
            case .parameter(let name): parameters[name] = part
            }
        }
        return parameters
    }
}

/// Finds the route of a request.
struct Router: Sendable {
    let routes: [Route]

    struct Match {
        var route: Route
        var parameters: [String: String]
        var query: [String: String]
    }

    /// - Throws: `ControlError` `route.not_found` or `request.method`.
    func match(_ method: HTTPMethod, uri: String) throws -> Match {
        let target = RequestTarget(uri)
        var others: [String] = []
        for route in routes {
            guard let parameters = route.match(target.path) else { continue }
            if route.method == method {
                return Match(route: route, parameters: parameters, query: target.query)
            }
            others.append(route.method.rawValue)
        }
        let path = "/" + target.path.joined(separator: "/")
        if !others.isEmpty {
            throw ControlError(
                "request.method",
                "\(path) does not take \(method.rawValue), only \(others.joined(separator: ", "))")
        }
        throw ControlError(
            "route.not_found", "there is nothing at \(path)",
            hint: "GET /version lists what this daemon can do")
    }

    func isUpload(_ head: HTTPRequestHead) -> Bool {
        (try? match(head.method, uri: head.uri))?.route.isUpload ?? false
    }
}
