import Foundation
import Graphs
import Interchange
package import Modalities
package import Networks
import Tensors

/// Makes a model folder of a file that somebody else wrote.
///
/// ONNX graphs are kept as they are, with their preprocessing in front. Safetensors are matched to the
/// architecture whose state names and shapes they carry, as torchvision names them.
package struct ModelImport {
    package struct Source: Sendable {
        package var file: String
        package var originalName: String
        package var name: String
        package var modality: String
        package var preprocessing: Preprocessing
        /// nil: the classes are numbered.
        package var classes: [String]?

        package init(
            file: String, originalName: String, name: String, modality: String,
            preprocessing: Preprocessing, classes: [String]?
        ) {
            self.file = file
            self.originalName = originalName
            self.name = name
            self.modality = modality
            self.preprocessing = preprocessing
            self.classes = classes
        }
    }

    private let host: PluginHost

    package init(host: PluginHost) {
        self.host = host
    }

    /// - Parameter destination: a folder that does not exist yet.
    /// - Throws: `InterchangeError` for a file that is malformed or has operators we lack,
    ///   `DistillationError` for one that is no image model.
    package func run(_ source: Source, destination: String) throws -> ModelDocument {
        let plugin = try host.plugin(modality: source.modality)
        let isSafetensors = source.originalName.lowercased().hasSuffix(".safetensors")
        let document =
            try isSafetensors
            ? network(source, plugin: plugin, destination: destination)
            : graph(source, plugin: plugin, destination: destination)
        try document.write(folder: destination)
        // The model must be buildable before anybody relies on it.
        let model = try LoadedModel(folder: destination, host: host)
        try ModelLayers(of: model).write(folder: destination)
        if document.kind == .network {
            try StudentExport.onnx(model, to: destination + "/student.onnx")
        }
        return document
    }

    // MARK: ONNX

    private func graph(
        _ source: Source, plugin: ModalityPlugin, destination: String
    ) throws -> ModelDocument {
        let url = URL(fileURLWithPath: source.file)
        var imported = try ONNXImporter().model(at: url)
        guard imported.inputs.count == 1, let port = imported.inputs.first, port.shape.rank == 4
        else {
            let found = imported.inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
            throw DistillationError(
                "import.not_an_image_model",
                "\(source.originalName) has the inputs \(found); expected one of "
                    + "[batch, \(plugin.channels), height, width]",
                hint: "export the image encoder alone")
        }
        let declared = port.declared?.last.flatMap { extent -> Int? in
            if case .fixed(let side) = extent { side } else { nil }
        }
        let side = declared ?? (source.preprocessing.size > 0 ? source.preprocessing.size : 224)
        let shape = [1, plugin.channels, side, side]
        if port.shape.dimensions != shape {
            imported = try ONNXImporter(ImportOptions(shapes: [port.name: .init(shape)]))
                .model(at: url)
        }
        guard let features = imported.features else {
            throw DistillationError(
                "import.no_features",
                "\(source.originalName) has no feature map [batch, channels, height, width] that a "
                    + "student could follow")
        }
        let count = imported.logits.map { imported.graph.shape(of: $0).count } ?? 0
        let classes = try classes(source, count: count)
        let path = try place(source.file, in: destination, as: "model.onnx")
        return ModelDocument(
            name: source.name, kind: .onnx, modality: source.modality, network: nil,
            preprocessing: source.preprocessing, inputSize: side, classes: classes,
            featureChannels: imported.graph.shape(of: features)[1],
            parameters: imported.parameterCount, multiplyAdds: imported.graph.multiplyAdds,
            weights: "model.onnx", digest: try FileDigest.sha256(of: path))
    }

    // MARK: Safetensors

    private func network(
        _ source: Source, plugin: ModalityPlugin, destination: String
    ) throws -> ModelDocument {
        let file = try SafeTensorsFile(URL(fileURLWithPath: source.file))
        var shapes: [String: Shape] = [:]
        for entry in file.entries { shapes[entry.name] = entry.shape }
        let encoding = try plugin.encoding(
            named: plugin.modality == "rgb" ? source.preprocessing.encodingName : "")
        let size = source.preprocessing.size > 0 ? source.preprocessing.size : 224
        var closest = (architecture: "", missing: Int.max, example: "")
        for architecture in ArchitectureRegistry.all {
            let head = shapes[architecture.headWeight]?[0]
            let classes = try classes(source, count: head ?? 0)
            let descriptor = try NetworkDescriptor(
                architecture: architecture.id, modality: source.modality,
                encoding: .init(encoding, of: plugin),
                input: .init(channels: encoding.channels, size: size), classes: classes)
            var graph = Graph()
            let input = try graph.input(
                "encoded", [1, encoding.channels, size, size])
            _ = try descriptor.build(into: &graph, encoded: input, training: false)
            let wrong = graph.states.map(\.declaration).filter { shapes[$0.name] != $0.shape }
            if wrong.count < closest.missing {
                closest = (architecture.id, wrong.count, wrong.first?.name ?? "")
            }
            guard wrong.isEmpty else { continue }
            let path = try place(source.file, in: destination, as: "weights.safetensors")
            return ModelDocument(
                name: source.name, kind: .network, modality: source.modality, network: descriptor,
                preprocessing: nil, inputSize: size, classes: classes,
                featureChannels: architecture.featureChannels,
                parameters: graph.parameterCount, multiplyAdds: graph.multiplyAdds,
                weights: "weights.safetensors", digest: try FileDigest.sha256(of: path))
        }
        throw DistillationError(
            "import.unknown_architecture",
            "the tensors of \(source.originalName) fit no known architecture; the closest is "
                + "\(closest.architecture), of which \(closest.missing) tensors are missing or differ, "
                + "such as `\(closest.example)`",
            hint: "known are "
                + ArchitectureRegistry.all.map(\.id).joined(separator: ", ")
                + "; or export the model as ONNX")
    }

    // MARK: Both

    private func classes(_ source: Source, count: Int) throws -> [String] {
        guard let classes = source.classes else { return (0..<count).map(String.init) }
        guard classes.count == count else {
            throw DistillationError(
                "import.classes",
                "--classes names \(classes.count) classes, \(source.originalName) has \(count) logits"
            )
        }
        return classes
    }

    private func place(_ file: String, in destination: String, as name: String) throws -> String {
        let path = destination + "/" + name
        do {
            try FileManager.default.createDirectory(
                atPath: destination, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: file, toPath: path)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
        return path
    }
}

extension Preprocessing {
    /// The plugin's encoding that means the same, for networks of ours.
    var encodingName: String { mean == Preprocessing.imageNet.mean ? "imagenet" : "unit" }
}
