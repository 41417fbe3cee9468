import ControlProtocol
import NIOCore
import NIOHTTP1

/// Tells the deadlines below the HTTP decoder how far the request and its answer are.
final class RequestPhases: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let deadlines: RequestDeadlines
    private let deadlineContext: ChannelHandlerContext
    private let isUpload: (HTTPRequestHead) -> Bool
    private let waiting: (Bool) -> Void

    /// - Parameters:
    ///   - deadlineContext: The deadlines' place in the pipeline.
    ///   - waiting: Called with false when a request is complete, with true when its answer is.
    init(
        _ deadlines: RequestDeadlines, context deadlineContext: ChannelHandlerContext,
        isUpload: @escaping (HTTPRequestHead) -> Bool, waiting: @escaping (Bool) -> Void
    ) {
        self.deadlines = deadlines
        self.deadlineContext = deadlineContext
        self.isUpload = isUpload
        self.waiting = waiting
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            deadlines.headersEnded(isUpload: isUpload(head), deadlineContext)
        case .body: break
        case .end:
            deadlines.bodyEnded()
            waiting(false)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
        context.write(data, promise: promise)
        guard isEnd else { return }
        deadlines.answerEnded(deadlineContext)
        waiting(true)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        deadlines.refuse(
            ControlError("request.malformed", "this is no HTTP/1.1 request: \(error)"),
            deadlineContext)
    }
}
