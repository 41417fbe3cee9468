import ControlProtocol
import Foundation
import NIOCore

/// The files of one upload, one after another as they come; removed again with this.
final class UploadFolder {
    private let folder: String
    private let limit: Int64
    /// What is still to come: attachments of known lengths, then the model.
    private var coming: ArraySlice<ImportModel.Attachment>
    private var file: IncomingFile?
    private var total: Int64 = 0
    /// The model's own file.
    let model: String

    /// - Throws: `ControlError` for names that lead out of the folder or come twice.
    init(
        _ folder: String, attachments: [ImportModel.Attachment], model name: String, limit: Int64
    ) throws {
        self.folder = folder
        self.limit = limit
        let own = URL(fileURLWithPath: "/" + name).lastPathComponent
        let isPlain = own != "/" && own != ".." && !own.isEmpty
        model = "\(folder)/\(isPlain ? own : "model")"
        // `./w.bin` is `w.bin`.
        let attachments = attachments.map { attachment in
            var attachment = attachment
            while attachment.name.hasPrefix("./") { attachment.name.removeFirst(2) }
            return attachment
        }
        coming = attachments[...]
        var names: Set<String> = [isPlain ? own : "model"]
        for attachment in attachments {
            let parts = attachment.name.split(separator: "/", omittingEmptySubsequences: false)
            guard !parts.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }),
                !attachment.name.contains("\0"), attachment.bytes >= 0,
                names.insert(attachment.name).inserted
            else {
                throw ControlError(
                    "request.malformed",
                    "the attachment `\(attachment.name)` is no file beside the model")
            }
        }
        try Self.create(folder)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ buffer: ByteBuffer) throws {
        var buffer = buffer
        total += Int64(buffer.readableBytes)
        guard total <= limit else { throw IncomingFile.tooLarge(limit) }
        while let next = coming.first, buffer.readableBytes > 0 || next.bytes == 0 {
            let file = try file ?? open(next.name)
            let count = Int(min(next.bytes - file.bytes, Int64(buffer.readableBytes)))
            if let part = buffer.readSlice(length: count), count > 0 { try file.write(part) }
            guard file.bytes == next.bytes else {
                self.file = file
                return
            }
            file.keep()
            self.file = nil
            coming.removeFirst()
        }
        guard buffer.readableBytes > 0 else { return }
        let file = try file ?? IncomingFile(path: model, limit: limit)
        self.file = file
        try file.write(buffer)
    }

    /// - Throws: `request.malformed` where the body ended early.
    func finish() throws {
        if let next = coming.first {
            throw ControlError(
                "request.malformed", "the body ends before the attachment `\(next.name)` does")
        }
        guard let file, file.bytes > 0 else {
            throw ControlError("request.malformed", "the body is empty: expected a model file")
        }
    }

    private func open(_ name: String) throws -> IncomingFile {
        let path = "\(folder)/\(name)"
        try Self.create(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        return try IncomingFile(path: path, limit: limit)
    }

    private static func create(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw ControlError(
                "state.not_writable", "\(folder): \(error.localizedDescription)", retryable: true)
        }
    }
}
