import CLinux
import Catalog
import ControlProtocol
import Foundation
import Glibc

/// The models of the state folder: a folder each, and a row of the catalog.
struct ModelStore: Sendable {
    let state: StateFolder
    let catalog: Catalog
    /// Names are looked up, folders moved and rows written by one at a time.
    private let turn = WorkGate(width: 1, longest: .max)

    init(state: StateFolder, catalog: Catalog) {
        self.state = state
        self.catalog = catalog
    }

    func summary(of model: CatalogModel) -> ModelSummary {
        let stored = try? ControlJSON.decode(ModelSummary.self, from: Data(model.summary.utf8))
        var summary =
            stored
            ?? ModelSummary(
                name: model.name, kind: model.kind, architecture: model.architecture,
                modality: model.modality, inputSize: 0, classes: [], parameters: 0, flops: 0,
                digest: model.digest)
        summary.name = model.name
        summary.folder = model.folder
        summary.job = model.job.map(JobName.text)
        summary.created = Timestamp(milliseconds: model.created)
        summary.formats = ModelFormat.allCases.filter { $0.file(in: model.folder) != nil }
            .map(\.rawValue)
        return summary
    }

    /// The largest list of layers that is read.
    private static let mostLayerBytes = 32 << 20

    /// The nodes of a model as the worker that made it listed them.
    func layers(of model: CatalogModel) throws -> ModelLayersReply {
        let path = "\(model.folder)/layers.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            return ModelLayersReply(layers: [])
        }
        guard data.count <= ModelStore.mostLayerBytes else {
            throw ControlError(
                "model.too_large",
                "\(path) is \(data.count >> 20) MiB, at most \(ModelStore.mostLayerBytes >> 20) are listed",
                hint: "export the model with fewer nodes")
        }
        do {
            return try ControlJSON.decode(ModelLayersReply.self, from: data)
        } catch {
            throw ControlError(
                "model.damaged", "\(path) is no list of layers: \(error)",
                hint: "import or train the model again")
        }
    }

    /// Moves a finished model folder to its place and enters it.
    ///
    /// The folder appears whole or not at all. A folder without a row is what a crash left of an
    /// earlier attempt, and gives way.
    /// - Parameter isExact: Refuse a taken name instead of appending a number.
    func install(
        _ staged: String, summary: ModelSummary, name wanted: String, isExact: Bool, job: Int64?
    ) async throws -> ModelSummary {
        try await turn.pass {
            try await place(staged, summary: summary, name: wanted, isExact: isExact, job: job)
        }
    }

    private func place(
        _ staged: String, summary: ModelSummary, name wanted: String, isExact: Bool, job: Int64?
    ) async throws -> ModelSummary {
        let models = try await catalog.models()
        if let job, let made = models.first(where: { $0.job == job }) {
            return self.summary(of: made)
        }
        let wanted = ModelName.tidied(wanted)
        let name = isExact ? wanted : try await catalog.freeModelName(wanted)
        if isExact, try await catalog.hasModel(named: name) {
            throw ControlError(
                "model.exists", "a model named `\(name)` exists already",
                hint: "choose another with --name, or `distillctl models remove \(name)` first")
        }
        let folder = state.model(name)
        if let owner = models.first(where: { $0.folder == folder }) {
            throw ControlError(
                "model.exists", "\(folder) belongs to the model `\(owner.name)`",
                hint: "choose another name, or `distillctl models remove \(owner.name)` first")
        }
        var summary = summary
        summary.name = name
        summary.folder = folder
        try ModelStore.rename(documentIn: staged, to: name)
        try? FileManager.default.removeItem(atPath: folder)
        guard Glibc.rename(staged, folder) == 0 else {
            throw ControlError(
                errno == ENOSPC ? "disk.full" : "model.not_writable",
                "moving the model to \(folder): \(String(cString: strerror(errno)))",
                retryable: true)
        }
        _ = clinux_sync_folder(state.models)
        let row = try await catalog.add(
            NewModel(
                name: name, folder: folder, kind: summary.kind, modality: summary.modality,
                architecture: summary.architecture ?? "", digest: summary.digest,
                summary: String(decoding: try ControlJSON.encode(summary), as: UTF8.self),
                job: job))
        try await catalog.setMetrics(summary.metrics, of: .model, id: row.id)
        return self.summary(of: row)
    }

    /// Forgets a model, then removes its folder.
    func remove(_ name: String) async throws -> String {
        try await turn.pass {
            let model = try await catalog.removeModel(name)
            if try await !catalog.models().contains(where: { $0.folder == model.folder }) {
                try? FileManager.default.removeItem(atPath: model.folder)
            }
            return model.name
        }
    }

    /// model.json repeats the name: keep it true.
    private static func rename(documentIn folder: String, to name: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/model.json")
        guard let data = try? Data(contentsOf: url),
            case .object(var members) = try ControlJSON.decode(JSONValue.self, from: data)
        else {
            throw ControlError(
                "model.damaged", "the worker left no model.json in \(folder)", retryable: true)
        }
        guard members["name"] != .string(name) else { return }
        members["name"] = .string(name)
        try ControlJSON.encode(JSONValue.object(members), pretty: true).write(
            to: url, options: .atomic)
    }
}

/// What a model can be exported as: a file that lies in its folder.
enum ModelFormat: String, CaseIterable {
    case onnx, safetensors

    /// The file in a model's folder, nil where the model has none of this format.
    func file(in folder: String) -> String? {
        let names =
            switch self {
            case .onnx: ["student.onnx", "model.onnx"]
            case .safetensors: ["weights.safetensors"]
            }
        return names.map { "\(folder)/\($0)" }.first {
            FileManager.default.fileExists(atPath: $0)
        }
    }
}
