import Catalog
import ControlProtocol
import Foundation
import NIOCore

/// Receives a model file and has a worker turn it into a model of the catalog.
struct ModelImporter: Sendable {
    let services: DaemonServices

    struct Description: Sendable {
        var originalName: String
        var name: String?
        var modality: String?
        var preprocess: String?
        var words = ImportWords()
        /// Bytes of the list of files beside the model's, behind the class names; the files follow it.
        var attachmentsBytes = 0
        /// Bytes of the body that are class names, before the model's own.
        var classesBytes: Int
    }

    func receive(
        _ body: RequestBody, _ description: Description, limit: Int64
    ) async throws -> ModelSummary {
        let name = description.name ?? ModelName.fromFile(description.originalName)
        try ModelName.check(name)
        guard try await !services.catalog.hasModel(named: name) else {
            throw ControlError(
                "model.exists", "a model named `\(name)` exists already",
                hint: "choose another with --name, or `distillctl models remove \(name)` first")
        }
        if let length = body.length { try checkRoom(length, limit) }
        let state = services.state
        let (upload, classes) = try await receive(
            body, description, folder: state.newIncoming("upload"), limit: limit)
        let destination = state.newIncoming("model")
        defer { try? FileManager.default.removeItem(atPath: destination) }
        let payload = try await services.worker.answer(
            to: .import(
                ImportAssignment(
                    file: upload.model, originalName: description.originalName, name: name,
                    modality: description.modality, preprocess: description.preprocess,
                    classes: classes, words: description.words, destination: destination,
                    surroundings: services.settings.current.surroundings)))
        try refuseMissing(payload, description)
        let summary = try ModelImporter.model(in: payload)
        return try await services.models.install(
            destination, summary: summary, name: name, isExact: true, job: nil)
    }

    /// A model may be in parts: whoever sends it learns which other files it names.
    private func refuseMissing(_ payload: JSONValue, _ description: Description) throws {
        guard case .array(let files)? = payload["missing"], !files.isEmpty else { return }
        let names = files.compactMap(\.string)
        let shown = names.prefix(4).map { "`\($0)`" }.joined(separator: ", ")
        throw ControlError(
            "model.missing_files",
            "\(description.originalName) keeps its weights in \(names.count == 1 ? "the file" : "the files") "
                + "\(shown)\(names.count > 4 ? " and \(names.count - 4) more" : "") beside it",
            hint:
                "put \(names.count == 1 ? "it" : "them") into the model's folder and import the model again",
            details: ["files": .array(files)])
    }

    /// What a worker that made a model ends with.
    static func model(in payload: JSONValue) throws -> ModelSummary {
        do {
            return try payload.decoded(as: ModelReply.self).model
        } catch {
            throw ControlError(
                "worker.garbled", "the worker's answer describes no model: \(error)",
                hint: "are distilld and distill-worker of the same version?")
        }
    }

    /// Class names and the list of files lead the body, the files follow.
    private func receive(
        _ body: RequestBody, _ description: Description, folder: String, limit: Int64
    ) async throws -> (UploadFolder, classes: String?) {
        let lead = description.classesBytes + description.attachmentsBytes
        var head = Data()
        var upload: UploadFolder?
        func begin() throws -> UploadFolder {
            if let upload { return upload }
            let list = Data(head.dropFirst(description.classesBytes))
            let new = try UploadFolder(
                folder, attachments: try ModelImporter.attachments(list),
                model: description.originalName, limit: limit)
            upload = new
            return new
        }
        while var buffer = try await body.next() {
            if head.count < lead {
                let count = min(lead - head.count, buffer.readableBytes)
                head.append(contentsOf: buffer.readableBytesView.prefix(count))
                buffer.moveReaderIndex(forwardBy: count)
            }
            guard head.count == lead else { continue }
            try begin().write(buffer)
        }
        let whole = try begin()
        try whole.finish()
        return (
            whole,
            description.classesBytes > 0
                ? String(decoding: head.prefix(description.classesBytes), as: UTF8.self) : nil
        )
    }

    private static func attachments(_ list: Data) throws -> [ImportModel.Attachment] {
        guard !list.isEmpty else { return [] }
        do {
            return try ControlJSON.decode([ImportModel.Attachment].self, from: list)
        } catch {
            throw ControlError(
                "request.malformed",
                "the list of attachments is no JSON list of {\"name\", \"bytes\"}")
        }
    }

    /// A full disk is better seen before gigabytes have come.
    private func checkRoom(_ length: Int64, _ limit: Int64) throws {
        guard length <= limit else { throw IncomingFile.tooLarge(limit) }
        let free = services.state.freeBytes
        guard free == 0 || length < free else {
            throw ControlError(
                "disk.full",
                "the upload takes \(length >> 20) MiB and \(free >> 20) MiB are free in "
                    + services.state.path,
                hint: "free some space and send it again", retryable: true)
        }
    }
}
