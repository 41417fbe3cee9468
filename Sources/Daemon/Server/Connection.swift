import ControlProtocol
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// One client's connection: requests in, answers out, one at a time.
struct Connection: Sendable {
    typealias Inbound = NIOAsyncChannelInboundStream<HTTPServerRequestPart>
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    let channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    let peer: Peer
    let router: Router
    let services: DaemonServices
    let limits: ServerLimits

    /// Serves until the client or a deadline closes the connection.
    func run() async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                while let part = try await parts.next() {
                    guard case .head(let head) = part else { continue }
                    let body = RequestBody(
                        parts,
                        length: head.headers.first(name: "Content-Length").flatMap { Int64($0) },
                        announce: {
                            guard head.headers.first(name: "Expect") == "100-continue" else {
                                return
                            }
                            try await outbound.write(
                                .head(HTTPResponseHead(version: .http1_1, status: .continue)))
                        })
                    guard try await serve(head, body, outbound) else { return }
                    parts = body.iterator
                }
            }
        } catch {
            services.logger.debug("a connection ended", metadata: ["reason": "\(error)"])
        }
    }

    /// Answers one request; false: the connection ends with it.
    private func serve(
        _ head: HTTPRequestHead, _ body: RequestBody, _ outbound: Outbound
    ) async throws -> Bool {
        let response: Response
        do {
            response = try await answer(head, body)
        } catch {
            response = .failure(FailureReply.of(error, services.logger))
        }
        switch response {
        case .document(let status, let data):
            // Where a body was not read, the connection cannot carry another request.
            if !body.hasEnded, !hasBody(head) { await body.discard() }
            let keepAlive = head.isKeepAlive && body.hasEnded
            var headers = HTTPHeaders([
                ("Content-Type", "application/json"), ("Content-Length", String(data.count)),
            ])
            if !keepAlive { headers.add(name: "Connection", value: "close") }
            if status == 429 || status == 503 { headers.add(name: "Retry-After", value: "5") }
            try await outbound.write(
                contentsOf: [
                    .head(
                        HTTPResponseHead(
                            version: .http1_1, status: HTTPResponseStatus(statusCode: status),
                            headers: headers)),
                    .body(.byteBuffer(ByteBuffer(bytes: data))),
                ])
            try await end()
            if !body.hasEnded { await body.discard() }
            return keepAlive
        case .stream(let contentType, let length, let produce):
            await body.discard()
            var headers = HTTPHeaders([("Content-Type", contentType), ("Connection", "close")])
            if let length { headers.add(name: "Content-Length", value: String(length)) }
            try await outbound.write(
                .head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)))
            try await stream(produce, outbound)
            try await end()
            return false
        }
    }

    private func hasBody(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "Transfer-Encoding")
            || (head.headers.first(name: "Content-Length").map { $0 != "0" } ?? false)
    }

    /// Ends a reply and waits until all of it is with the kernel: closing would drop the rest.
    private func end() async throws {
        try await channel.channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
    }

    private func answer(_ head: HTTPRequestHead, _ body: RequestBody) async throws -> Response {
        let match = try router.match(head.method, uri: head.uri)
        try services.authorisation.require(match.route.right, of: peer)
        let context = RequestContext(
            peer: peer, parameters: match.parameters, query: match.query, headers: head.headers,
            body: body, limits: limits)
        return try await match.route.answer(services, context)
    }

    /// Runs a producer until it is done or the client has gone.
    private func stream(
        _ produce: @escaping @Sendable (ResponseSink) async throws -> Void, _ outbound: Outbound
    ) async throws {
        let raw = channel.channel
        let sink = ResponseSink(outbound) { raw.close(promise: nil) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await produce(sink) }
            tasks.addTask {
                try await ClosedSignal(raw).wait()
                throw ChannelError.ioOnClosedChannel
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }
}
