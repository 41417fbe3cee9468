import Catalog
import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// `GET /v1/events?after=&types=&follow=`: one JSON object a line.
enum EventRoutes {
    static let read = Route(.GET, "/v1/events", needs: .read) { services, request in
        let after = try request.integer("after") ?? 0
        let types = (request.query["types"] ?? "").split(separator: ",").map(String.init)
        let follows = try request.flag("follow")
        let limits = request.limits
        return .stream(contentType: "application/x-ndjson", length: nil) { sink in
            if follows {
                try await follow(services, after: after, types: types, limits: limits, sink)
            } else {
                _ = try await replay(services, after: after, types: types, sink)
            }
        }
    }

    private static func follow(
        _ services: DaemonServices, after: Int64, types: [String], limits: ServerLimits,
        _ sink: ResponseSink
    ) async throws {
        let (queue, _) = services.events.follow(types: types, backlog: limits.followerBacklog)
        defer { services.events.unfollow(queue) }
        var position = try await replay(services, after: after, types: types, sink)
        while let lines = await queue.take() {
            var buffer = ByteBuffer()
            for line in lines {
                // The queue may hold again what the replay has sent.
                if let sequence = line.sequence {
                    guard sequence > position else { continue }
                    position = sequence
                }
                buffer.writeBytes(line.bytes)
            }
            if buffer.readableBytes > 0 { try await sink.write(buffer) }
        }
        // Too slow, or the daemon stops: the cut shows, and the client resumes behind `position`.
        sink.abort()
    }

    /// Sends what is stored; returns the last number seen.
    private static func replay(
        _ services: DaemonServices, after: Int64, types: [String], _ sink: ResponseSink
    ) async throws -> Int64 {
        var position = after
        while true {
            let page = try await services.catalog.events(after: position, types: types)
            var buffer = ByteBuffer()
            if let until = page.gapUntil {
                let gap = ControlEvent(
                    sequence: until - 1, time: .now, type: "gap", subject: nil,
                    data: .object(["from": .integer(position + 1), "to": .integer(until - 1)]))
                if let line = EventHub.line(gap) { buffer.writeBytes(line) }
            }
            for event in page.events {
                if let line = EventHub.line(ControlEvent(event)) { buffer.writeBytes(line) }
            }
            if buffer.readableBytes > 0 { try await sink.write(buffer) }
            guard let last = page.events.last else { return max(position, after) }
            position = last.seq
        }
    }
}
