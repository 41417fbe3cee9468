import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// A reply after its head: a success whose body is still to be read.
struct ReplySource {
    private var parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
    /// What Content-Length promised, nil for a stream without end.
    let length: Int64?
    private var ended = false

    /// Reads the head; a status that is not a success is thrown as the error in its body.
    static func open(
        _ inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>
    ) async throws -> ReplySource {
        var parts = inbound.makeAsyncIterator()
        while let part = try await parts.next() {
            guard case .head(let head) = part, head.status.code >= 200 else { continue }
            var source = ReplySource(
                parts: parts,
                length: head.headers.first(name: "Content-Length").flatMap { Int64($0) })
            if (200..<300).contains(head.status.code) { return source }
            throw try await source.failure(head.status)
        }
        throw ControlError(
            "daemon.unreachable", "distilld closed the connection before its reply",
            hint: "it may be stopping or restarting: try again, or see its log", retryable: true)
    }

    private init(
        parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator, length: Int64?
    ) {
        self.parts = parts
        self.length = length
    }

    /// The next bytes, nil at the end.
    ///
    /// - Throws: `ControlError` when the connection closes before the body's end.
    mutating func next() async throws -> ByteBuffer? {
        guard !ended else { return nil }
        while let part = try await parts.next() {
            switch part {
            case .head: continue
            case .body(let buffer): return buffer
            case .end:
                ended = true
                return nil
            }
        }
        throw ControlError(
            "daemon.unreachable", "distilld closed the connection in the middle of its reply",
            hint: "it may be stopping or restarting: try again, or see its log", retryable: true)
    }

    /// The whole body as one JSON document.
    mutating func document<Value: Decodable>(_ type: Value.Type) async throws -> Value {
        let data = try await everything()
        do {
            return try ControlJSON.decode(type, from: data)
        } catch {
            throw ControlError(
                "reply.malformed", "distilld's reply cannot be understood: \(error)",
                hint: "are distillctl and distilld of the same version? see `distillctl version`")
        }
    }

    private mutating func everything() async throws -> Data {
        var data = Data()
        while let buffer = try await next() { data.append(contentsOf: buffer.readableBytesView) }
        return data
    }

    private mutating func failure(_ status: HTTPResponseStatus) async throws -> ControlError {
        let data = try await everything()
        if let reply = try? ControlJSON.decode(ErrorReply.self, from: data) { return reply.error }
        return ControlError(
            "reply.malformed",
            "distilld answered \(status.code) without saying why: "
                + String(decoding: data.prefix(200), as: UTF8.self))
    }
}
