package import ControlProtocol
package import Foundation
import NIOCore

extension ControlClient {
    /// Called with bytes done and bytes in all (nil: not known).
    package typealias Progress = @Sendable (Int64, Int64?) -> Void

    /// Streams a file of the caller as the request's body.
    ///
    /// The request's own `body()`, if any, goes first. No more than a chunk is held in memory.
    /// - Throws: `ControlError`, also `file.not_readable` for the caller's file.
    package func upload<Upload: ControlUpload>(
        _ request: Upload, from path: String, progress: Progress? = nil
    ) async throws -> Upload.Reply {
        try await upload(request, from: [path], progress: progress)
    }

    /// Streams files one after another behind the request's own bytes.
    package func upload<Upload: ControlUpload>(
        _ request: Upload, from paths: [String], progress: Progress? = nil
    ) async throws -> Upload.Reply {
        let lead = try request.body() ?? Data()
        let files = try paths.map { try ReadableFile(path: $0) }
        let size = files.reduce(0) { $0 + $1.size }
        let total = Int64(lead.count) + size
        return try await connection.exchange(
            request, contentType: request.contentType, contentLength: total,
            body: { sink in
                if !lead.isEmpty { try await sink.write(ByteBuffer(bytes: lead)) }
                var before = Int64(0)
                for file in files {
                    var sent = Int64(0)
                    while sent < file.size {
                        let chunk = try file.read(upTo: min(262_144, file.size - sent), after: sent)
                        sent += Int64(chunk.readableBytes)
                        try await sink.write(chunk)
                        progress?(before + sent, size)
                    }
                    before += file.size
                }
            },
            reply: { source in try await source.document(Upload.Reply.self) })
    }

    /// Streams a reply into a file of the caller, which appears under its name only when complete.
    ///
    /// - Returns: how many bytes it holds.
    /// - Throws: `ControlError`, also `file.not_writable` for the caller's file.
    package func download(
        _ request: some ControlDownload, to path: String, progress: Progress? = nil
    ) async throws -> Int64 {
        try await connection.exchange(
            request, contentType: "", contentLength: nil, body: { _ in },
            reply: { source in
                let file = try WritableFile(path: path)
                var written = Int64(0)
                while let buffer = try await source.next() {
                    try file.write(buffer)
                    written += Int64(buffer.readableBytes)
                    progress?(written, source.length)
                }
                try file.commit()
                return written
            })
    }

    /// Hands on a reply's bytes as they come.
    ///
    /// - Throws: `ControlError`, and whatever `receive` throws.
    package func stream(
        _ request: some ControlDownload, receive: @Sendable @escaping (Data) async throws -> Void
    ) async throws {
        try await connection.exchange(
            request, contentType: "", contentLength: nil, body: { _ in },
            reply: { source in
                while let buffer = try await source.next() {
                    try await receive(Data(buffer.readableBytesView))
                }
            })
    }

    /// Hands on a reply line by line, without the line ends.
    package func lines(
        _ request: some ControlDownload,
        receive: @Sendable @escaping (String) async throws -> Void
    ) async throws {
        try await connection.exchange(
            request, contentType: "", contentLength: nil, body: { _ in },
            reply: { source in
                var splitter = LineSplitter()
                while let buffer = try await source.next() {
                    for line in splitter.split(buffer) { try await receive(line) }
                }
                if let rest = splitter.rest { try await receive(rest) }
            })
    }
}
