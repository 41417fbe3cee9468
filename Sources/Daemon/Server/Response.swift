import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// What a route answers.
enum Response {
    case document(status: Int, Data)
    /// Bytes that are produced while they are sent; `length` nil: until the producer returns.
    case stream(
        contentType: String, length: Int64?,
        produce: @Sendable (ResponseSink) async throws -> Void)

    /// A JSON document.
    static func json(_ value: some Encodable, status: Int = 200) throws -> Response {
        .document(status: status, try ControlJSON.encode(value) + [0x0A])
    }

    static func failure(_ error: ControlError) -> Response {
        let data = (try? ControlJSON.encode(ErrorReply(error))) ?? Data("{}".utf8)
        return .document(status: error.httpStatus, data + [0x0A])
    }
}

/// Where a streamed reply goes; writing waits while the client does not read.
struct ResponseSink: Sendable {
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    /// Ends the connection without the reply's proper end, so that the client sees it is cut.
    let abort: @Sendable () -> Void

    init(
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>,
        abort: @escaping @Sendable () -> Void
    ) {
        self.outbound = outbound
        self.abort = abort
    }

    func write(_ buffer: ByteBuffer) async throws {
        try await outbound.write(.body(.byteBuffer(buffer)))
    }

    func write(_ data: Data) async throws {
        try await write(ByteBuffer(bytes: data))
    }
}
