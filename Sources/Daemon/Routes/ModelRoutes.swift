import Catalog
import ControlProtocol
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

/// `/v1/models` and below.
enum ModelRoutes {
    static let list = Route(.GET, "/v1/models", needs: .read) { services, _ in
        let models = try await services.catalog.models()
        return try .json(ModelsReply(models: models.map { services.models.summary(of: $0) }))
    }

    static let show = Route(.GET, "/v1/models/{name}", needs: .read) { services, request in
        let model = try await services.catalog.model(request.parameter("name"))
        return try .json(ModelReply(model: services.models.summary(of: model)))
    }

    static let layers = Route(.GET, "/v1/models/{name}/layers", needs: .read) { services, request in
        let model = try await services.catalog.model(request.parameter("name"))
        return try .json(services.models.layers(of: model))
    }

    static let remove = Route(.DELETE, "/v1/models/{name}", needs: .administer) {
        services, request in
        let model = try await services.catalog.model(request.parameter("name"))
        if let job = try await services.jobs.openJob(using: model.name) {
            throw ControlError(
                "model.in_use", "job \(job) needs the model `\(model.name)`",
                hint: "wait for it or `distillctl cancel \(job)`")
        }
        return try .json(RemovedReply(removed: try await services.models.remove(model.name)))
    }

    static let upload = Route(.POST, "/v1/models", needs: .administer, isUpload: true) {
        services, request in
        let classes = request.headers.first(name: "Distill-Classes-Bytes") ?? "0"
        guard let classesBytes = Int(classes), (0...(1 << 20)).contains(classesBytes) else {
            throw ControlError(
                "request.malformed",
                "Distill-Classes-Bytes: \(classes): expected a number of at most 1 MiB")
        }
        let listed = request.headers.first(name: "Distill-Attachments-Bytes") ?? "0"
        guard let attachmentsBytes = Int(listed), (0...(1 << 20)).contains(attachmentsBytes) else {
            throw ControlError(
                "request.malformed",
                "Distill-Attachments-Bytes: \(listed): expected a number of at most 1 MiB")
        }
        let description = ModelImporter.Description(
            originalName: request.query["file"] ?? request.query["name"] ?? "model.onnx",
            name: request.query["name"], modality: request.query["modality"],
            preprocess: request.query["preprocess"],
            words: ImportWords(
                output: request.query["output"], task: request.query["task"],
                features: request.query["features"], inputShape: request.query["input_shape"],
                ignored: request.query["ignore"]?.split(separator: "\n").map(String.init) ?? []),
            attachmentsBytes: attachmentsBytes, classesBytes: classesBytes)
        let model = try await ModelImporter(services: services).receive(
            request.body, description, limit: request.limits.upload)
        return try .json(ModelReply(model: model), status: 201)
    }

    static let export = Route(.GET, "/v1/models/{name}/export", needs: .read) {
        services, request in
        let model = try await services.catalog.model(request.parameter("name"))
        let named = request.query["format"] ?? "onnx"
        guard let format = ModelFormat(rawValue: named) else {
            throw ControlError(
                "request.malformed", "`format=\(named)`: expected `onnx` or `safetensors`")
        }
        guard let path = format.file(in: model.folder) else {
            let others = ModelFormat.allCases.filter { $0.file(in: model.folder) != nil }
            throw ControlError(
                "model.format", "the model `\(model.name)` has no \(format.rawValue) file",
                hint: others.isEmpty
                    ? "it is larger than one file can be, or incomplete: see its folder \(model.folder)"
                    : "it can be exported as \(others.map(\.rawValue).joined(separator: ", "))")
        }
        return try FileStream.response(path, contentType: "application/octet-stream")
    }
}
