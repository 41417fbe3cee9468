import Catalog
import ControlProtocol
import Foundation
import NIOCore
import NIOHTTP1

/// A job's log and metrics, straight from its run folder.
enum JobFileRoutes {
    static let log = Route(.GET, "/v1/jobs/{id}/log", needs: .read) { services, request in
        let job = try await JobRoutes.job(services, request)
        let path = services.state.run(JobName.text(job.id)) + "/log"
        let tail = try request.integer("tail")
        let follows = try request.flag("follow")
        return .stream(contentType: "text/plain; charset=utf-8", length: nil) { sink in
            try await send(path, tail: tail, follows: follows ? job.id : nil, services, sink)
        }
    }

    static let metrics = Route(.GET, "/v1/jobs/{id}/metrics", needs: .read) { services, request in
        let job = try await JobRoutes.job(services, request)
        let path = services.state.run(JobName.text(job.id)) + "/metrics.jsonl"
        let lines = try request.integer("lines") ?? 1_000
        return .stream(contentType: "application/x-ndjson", length: nil) { sink in
            guard let file = try? OpenFile(path) else { return }
            let size = file.size
            let start = try lineStart(file, lines: Int(min(lines, 100_000)), before: size)
            try await FileStream.send(file, from: start, to: size, sink)
        }
    }

    /// Sends the log and, while the job may still write, what is added to it.
    private static func send(
        _ path: String, tail: Int64?, follows job: Int64?, _ services: DaemonServices,
        _ sink: ResponseSink
    ) async throws {
        var file = try? OpenFile(path)
        var offset = max(0, (file?.size ?? 0) - (tail ?? .max))
        while true {
            // Asked before reading: what the job wrote before it ended is then read below.
            let isOver =
                if let job { try await services.catalog.job(String(job)).state.isFinished } else {
                    true
                }
            if file == nil { file = try? OpenFile(path) }
            if let file {
                let size = file.size
                try await FileStream.send(file, from: offset, to: size, sink)
                offset = max(offset, size)
            }
            if isOver { return }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Where the last `lines` lines begin.
    private static func lineStart(_ file: OpenFile, lines: Int, before end: Int64) throws -> Int64 {
        var (left, position) = (lines, end)
        while position > 0 {
            let count = Int(min(65_536, position))
            let piece = try file.read(at: position - Int64(count), upTo: count)
            let bytes = piece.readableBytesView
            for index in bytes.indices.reversed() where bytes[index] == 0x0A {
                let place = position - Int64(count) + Int64(index - bytes.startIndex)
                // The line end that closes the last line begins no line.
                if place == end - 1 { continue }
                left -= 1
                if left == 0 { return place + 1 }
            }
            position -= Int64(count)
        }
        return 0
    }
}
