import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection that carries one request.
struct ControlConnection {
    typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    let path: String
    let patience: Duration?

    /// Connects, sends the request while reading the reply, and closes.
    ///
    /// Reading does not wait for writing to end: a daemon that refuses an upload says so at once.
    func exchange<Result: Sendable>(
        _ request: some ControlRequest, contentType: String, contentLength: Int64?,
        body: @Sendable @escaping (RequestSink) async throws -> Void,
        reply: @Sendable @escaping (inout ReplySource) async throws -> Result
    ) async throws -> Result {
        let head = try requestHead(request, contentType: contentType, length: contentLength)
        let channel = try await connect(sending: head)
        let silence = patience.map { SilenceWatch(path: path, patience: $0) }
        do {
            return try await channel.executeThenClose { inbound, outbound in
                try await withThrowingTaskGroup(of: Result?.self) { tasks in
                    tasks.addTask {
                        // A daemon that has answered may close before all of the body is sent:
                        // what became of the request, its reply says.
                        do {
                            try await body(RequestSink(outbound: outbound))
                            try await outbound.write(.end(nil))
                        } catch let error as ControlError {
                            throw error
                        } catch {
                            return nil
                        }
                        return nil
                    }
                    tasks.addTask {
                        var source = try await ReplySource.open(inbound)
                        silence?.end()
                        return try await reply(&source)
                    }
                    if let silence {
                        tasks.addTask {
                            try await silence.run()
                            return nil
                        }
                    }
                    while let outcome = try await tasks.next() {
                        if let outcome {
                            tasks.cancelAll()
                            return outcome
                        }
                    }
                    throw Unreachable.closed(path)
                }
            }
        } catch let error as IOError {
            throw Unreachable.error(path: path, number: error.errnoCode)
        } catch is ChannelError {
            throw Unreachable.closed(path)
        } catch is HTTPParserError {
            throw Unreachable.closed(path)
        }
    }

    private func connect(sending head: HTTPRequestHead) async throws -> Channel {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(HeadSender(head))
                        return try Channel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch let error as IOError {
            throw Unreachable.error(path: path, number: error.errnoCode)
        } catch let error as ControlError {
            throw error
        } catch {
            throw Unreachable.other(path: path, "\(error)")
        }
    }

    private func requestHead(
        _ request: some ControlRequest, contentType: String, length: Int64?
    ) throws -> HTTPRequestHead {
        var headers = HTTPHeaders([("Host", "distilld"), ("Connection", "close")])
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if let length {
            headers.add(name: "Content-Type", value: contentType)
            headers.add(name: "Content-Length", value: String(length))
        } else if request.method != .get {
            headers.add(name: "Content-Length", value: "0")
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue),
            uri: request.target, headers: headers)
    }
}

/// Sends a request's head as soon as there is a connection.
///
/// A daemon that has too many connections answers at once. Such an answer has to find a request that it belongs to, or
/// the decoder refuses it, and nobody learns what it says. Bound to its channel's event loop.
private final class HeadSender: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead

    init(_ head: HTTPRequestHead) { self.head = head }

    func channelActive(context: ChannelHandlerContext) {
        // Whether it arrived shows in the reply.
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        context.fireChannelActive()
    }
}

/// Where a request's body goes, with back-pressure.
struct RequestSink: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>

    func write(_ buffer: ByteBuffer) async throws {
        try await outbound.write(.body(.byteBuffer(buffer)))
    }
}

/// Why a daemon cannot be talked to, in words that help.
enum Unreachable {
    static func error(path: String, number: Int32) -> ControlError {
        switch number {
        case EACCES, EPERM:
            return ControlError(
                "socket.denied", "no permission to talk to distilld at \(path)",
                hint: "add yourself to the group that owns the socket, "
                    + "`sudo usermod -aG distill $USER`, and log in again")
        case ENOENT:
            return other(path: path, "there is no socket")
        case ECONNREFUSED:
            return other(path: path, "nobody listens there")
        default:
            return other(path: path, String(cString: strerror(number)))
        }
    }

    static func closed(_ path: String) -> ControlError {
        ControlError(
            "daemon.unreachable", "distilld at \(path) closed the connection before its reply",
            hint: "it may be stopping or restarting: try again, or see its log", retryable: true)
    }

    static func other(path: String, _ reason: String) -> ControlError {
        ControlError(
            "daemon.unreachable", "distilld cannot be reached at \(path): \(reason)",
            hint: "start it with `systemctl start distilld` or `distilld`, or name its socket with "
                + "--socket or DISTILL_SOCKET",
            retryable: true)
    }
}
