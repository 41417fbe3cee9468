import ControlProtocol
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens on the control socket and gives every connection to a task of its own.
struct ControlServer: Sendable {
    typealias Wrapped = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private struct Accepted: Sendable {
        var channel: Wrapped
        var peer: Peer
        var ticket: ConnectionLedger.Ticket
    }

    let socket: ListeningSocket
    let services: DaemonServices
    let limits: ServerLimits
    let group: any EventLoopGroup
    let router = Router(routes: RouteTable.all)

    /// Serves until the task is cancelled; `ready` is called once the socket is being listened to.
    func run(ready: @Sendable () -> Void) async throws {
        let ledger = ConnectionLedger(limits: limits)
        let (accepted, continuation) = AsyncStream<Accepted>.makeStream()
        let server = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try open(channel, ledger: ledger, continuation: continuation)
                }
            }
            .withBoundSocket(socket.descriptor).get()
        ready()
        await withDiscardingTaskGroup { tasks in
            await withTaskCancellationHandler {
                for await connection in accepted {
                    tasks.addTask {
                        await Connection(
                            channel: connection.channel, peer: connection.peer, router: router,
                            services: services, limits: limits
                        ).run()
                    }
                }
            } onCancel: {
                // The listening descriptor stays: a socket of systemd's is not ours to shut.
                server.close(promise: nil)
                continuation.finish()
            }
            tasks.cancelAll()
        }
    }

    /// Sets up one connection, or turns it away.
    private func open(
        _ channel: any Channel, ledger: ConnectionLedger,
        continuation: AsyncStream<Accepted>.Continuation
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let peer = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            Peer(socket: $0)
        }
        // What workers inherit would keep clients waiting for the end of their connection.
        _ = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            fcntl($0, F_SETFD, FD_CLOEXEC)
        }
        guard let peer = peer ?? nil else {
            channel.close(promise: nil)
            return
        }
        let ticket = ledger.admit(
            uid: peer.uid, isTrusted: services.authorisation.isTrusted(peer),
            close: { channel.close(promise: nil) })
        guard let ticket else {
            refuse(channel)
            return
        }
        channel.closeFuture.whenComplete { _ in ledger.leave(ticket) }
        let deadlines = RequestDeadlines(limits: limits)
        try pipeline.addHandler(deadlines)
        let context = try pipeline.context(handler: deadlines)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        try pipeline.addHandler(
            RequestPhases(
                deadlines, context: context, isUpload: { router.isUpload($0) },
                waiting: { ledger.set(ticket, waiting: $0) }))
        let wrapped = try Wrapped(wrappingChannelSynchronously: channel)
        let outcome = continuation.yield(
            Accepted(channel: wrapped, peer: peer, ticket: ticket))
        if case .terminated = outcome {
            // Nobody will serve it: the wrapper has to be used up all the same.
            Task { try? await wrapped.executeThenClose { _, _ in } }
        }
    }

    private func refuse(_ channel: any Channel) {
        let full = ControlError(
            "daemon.busy",
            "too many connections: at most \(limits.connections), "
                + "\(limits.connectionsPerUser) for one user",
            hint: "close some and try again", retryable: true)
        channel.writeAndFlush(RawReply.bytes(full)).whenComplete { _ in channel.close(promise: nil)
        }
    }
}
