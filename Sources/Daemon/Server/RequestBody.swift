import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// A request's body, read once, piece by piece; belongs to the connection's task.
final class RequestBody {
    private var parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    private let announce: () async throws -> Void
    private var announced = false
    /// What Content-Length promises.
    let length: Int64?
    private(set) var hasEnded = false

    /// - Parameter announce: Tells a client that waits for it to go on (`100 Continue`).
    init(
        _ parts: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator, length: Int64?,
        announce: @escaping () async throws -> Void
    ) {
        self.parts = parts
        self.length = length
        self.announce = announce
    }

    /// The next piece, nil at the end.
    ///
    /// - Throws: `ControlError` when the client goes away in the middle.
    func next() async throws -> ByteBuffer? {
        guard !hasEnded else { return nil }
        if !announced {
            announced = true
            try await announce()
        }
        while let part = try await parts.next() {
            switch part {
            case .head: continue
            case .body(let buffer): return buffer
            case .end:
                hasEnded = true
                return nil
            }
        }
        hasEnded = true
        throw ControlError("request.malformed", "the connection closed in the middle of the body")
    }

    /// The whole body.
    ///
    /// - Throws: `ControlError` `request.too_large` beyond `limit` bytes.
    func collect(upTo limit: Int) async throws -> Data {
        let tooLarge = ControlError(
            "request.too_large", "the body has more than \(limit) bytes, the most for this route")
        if let length, length > Int64(limit) { throw tooLarge }
        var data = Data()
        while let buffer = try await next() {
            guard data.count + buffer.readableBytes <= limit else { throw tooLarge }
            data.append(contentsOf: buffer.readableBytesView)
        }
        return data
    }

    /// Throws away what is left, until the end or the deadline closes the connection.
    func discard() async {
        announced = true
        while !hasEnded {
            guard (try? await next()) != nil else { return }
        }
    }

    /// Gives the iterator back for the next request.
    var iterator: NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator { parts }
}
