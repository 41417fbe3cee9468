package import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// Speaks the control protocol with a daemon over its Unix socket.
///
/// Every call opens its own connection, so a client has no state and may be shared freely.
///
///     let client = try ControlClient(socketPath: SocketDiscovery.path(option: nil))
///     let job = try await client.send(EnqueueJob(recipe: .toml(text))).job
///     for try await event in client.events(after: 0) { print(event.type) }
package struct ControlClient: Sendable {
    package let socketPath: String
    /// How long a daemon may be silent before it is asked whether it is there at all; nil: for ever.
    package let patience: Duration?

    /// - Throws: `ControlError` when the path is too long for a Unix socket.
    package init(socketPath: String, patience: Duration? = .seconds(10)) throws {
        self.socketPath = try SocketDiscovery.checked(socketPath)
        self.patience = patience
    }

    var connection: ControlConnection { ControlConnection(path: socketPath, patience: patience) }

    /// Sends a request and decodes its reply.
    ///
    /// - Throws: `ControlError`: the daemon's own, `daemon.unreachable` or `socket.denied`.
    package func send<Request: ControlRequest>(_ request: Request) async throws -> Request.Reply {
        let body = try request.body()
        return try await connection.exchange(
            request, contentType: "application/json", contentLength: body.map { Int64($0.count) },
            body: { sink in
                if let body { try await sink.write(ByteBuffer(bytes: body)) }
            },
            reply: { source in try await source.document(Request.Reply.self) })
    }

    /// Sends any route and gives its JSON as it came, for clients of routes they do not know.
    package func json(
        _ method: ControlMethod, _ path: [String], query: [ControlParameter] = [],
        body: JSONValue? = nil
    ) async throws -> JSONValue {
        try await send(AnyRequest(method: method, path: path, query: query, content: body))
    }
}

/// A route spelled out by the caller.
private struct AnyRequest: ControlRequest {
    typealias Reply = JSONValue
    var method: ControlMethod
    var path: [String]
    var query: [ControlParameter]
    var content: JSONValue?

    func body() throws -> Data? { try content.map { try ControlJSON.encode($0) } }
}
