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
        var modality: String
        var preprocess: String?
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
        let file = try IncomingFile(path: state.newIncoming("upload"), limit: limit)
        let classes = try await receive(body, into: file, classesBytes: description.classesBytes)
        guard file.bytes > 0 else {
            throw ControlError("request.malformed", "the body is empty: expected a model file")
        }
        let destination = state.newIncoming("model")
        defer { try? FileManager.default.removeItem(atPath: destination) }
        let payload = try await services.worker.answer(
            to: .import(
                ImportAssignment(
                    file: file.path, originalName: description.originalName, name: name,
                    modality: description.modality, preprocess: description.preprocess,
                    classes: classes, destination: destination,
                    surroundings: services.settings.current.surroundings)))
        let summary = try ModelImporter.model(in: payload)
        return try await services.models.install(
            destination, summary: summary, name: name, isExact: true, job: nil)
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

    private func receive(
        _ body: RequestBody, into file: IncomingFile, classesBytes: Int
    ) async throws -> String? {
        var classes = Data()
        while var buffer = try await body.next() {
            if classes.count < classesBytes {
                let count = min(classesBytes - classes.count, buffer.readableBytes)
                classes.append(contentsOf: buffer.readableBytesView.prefix(count))
                buffer.moveReaderIndex(forwardBy: count)
            }
            try file.write(buffer)
        }
        return classesBytes > 0 ? String(decoding: classes, as: UTF8.self) : nil
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
