import ControlProtocol
import NIOCore

/// Ends connections that take too long or send too much before a request is there.
///
/// Sits below the HTTP decoder, where bytes are still bytes; `RequestPhases` above it says what
/// they turned out to be. Bound to its channel's event loop.
final class RequestDeadlines: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Phase {
        /// Nothing of the next request came yet.
        case idle
        case headers
        case body(isUpload: Bool)
        /// The request is complete and being answered.
        case answering
        /// The answer is out while the client still sends.
        case lingering
        case closed
    }

    private let limits: ServerLimits
    private var phase = Phase.idle
    private var headerBytes = 0
    private var deadline: Scheduled<Void>?

    init(limits: ServerLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // The first request has to come at once; only later ones may let the connection idle.
        arm(limits.headerTime, context, "the request's headers did not come in time")
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        close()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytes
        switch phase {
        case .idle:
            phase = .headers
            headerBytes = bytes
            arm(limits.headerTime, context, "the request's headers did not come in time")
        case .headers:
            headerBytes += bytes
        case .body(isUpload: true):
            arm(limits.idleTime, context, "the upload stood still")
        case .body, .answering, .lingering: break
        case .closed: return
        }
        context.fireChannelRead(data)
        if case .headers = phase, headerBytes > limits.headers {
            refuse(
                ControlError(
                    "request.headers_too_large",
                    "request line and headers take more than \(limits.headers) bytes"), context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // Who asks and then does not read keeps a connection for nothing.
        if case .answering = phase {
            disarm()
            if !context.channel.isWritable {
                deadline = context.eventLoop.assumeIsolated().scheduleTask(
                    in: TimeAmount(limits.idleTime)
                ) {
                    context.close(promise: nil)
                }
            }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: What the phases above report

    func headersEnded(isUpload: Bool, _ context: ChannelHandlerContext) {
        phase = .body(isUpload: isUpload)
        arm(
            isUpload ? limits.idleTime : limits.bodyTime, context,
            "the request's body did not come in time")
    }

    func bodyEnded() {
        disarm()
        if case .lingering = phase { return }
        phase = .answering
    }

    func answerEnded(_ context: ChannelHandlerContext) {
        switch phase {
        case .body:
            phase = .lingering
            disarm()
            deadline = context.eventLoop.assumeIsolated().scheduleTask(
                in: TimeAmount(limits.lingerTime)
            ) {
                context.close(promise: nil)
            }
        case .answering:
            phase = .idle
            headerBytes = 0
            disarm()
            deadline = context.eventLoop.assumeIsolated().scheduleTask(
                in: TimeAmount(limits.idleTime)
            ) {
                context.close(promise: nil)
            }
        case .idle, .headers, .lingering, .closed: break
        }
    }

    /// Answers without a request and closes.
    func refuse(_ error: ControlError, _ context: ChannelHandlerContext) {
        if case .closed = phase { return }
        close()
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(RawReply.bytes(error)))).assumeIsolated()
            .whenComplete { _ in context.close(promise: nil) }
    }

    private func close() {
        disarm()
        phase = .closed
    }

    private func disarm() {
        deadline?.cancel()
        deadline = nil
    }

    private func arm(_ time: Duration, _ context: ChannelHandlerContext, _ message: String) {
        disarm()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            self.refuse(ControlError("request.slow", message, retryable: true), context)
        }
    }
}
