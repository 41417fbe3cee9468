import Foundation
import Glibc
import Graphs
import Interchange
import Modalities
import Networks
import Tensors

/// Makes a model of safetensors whose names and shapes are those of an architecture that is known.
struct WeightsImport {
    /// What training programs put before the names of a network's states.
    private static let prefixes = [
        "module.", "model.", "backbone.", "_orig_mod.", "net.", "network.", "encoder.", "student.",
        "state_dict.",
    ]
    /// Counters of batch normalisation, which no inference reads.
    private static let counter = "num_batches_tracked"

    private let source: ModelImport.Source
    private let host: PluginHost

    /// An architecture that a file's tensors fit.
    private struct Fit {
        var architecture: any Architecture
        var descriptor: NetworkDescriptor
        var graph: Graph
        /// Tensors of the file by the names of the architecture.
        var tensors: [String: String]
        /// Tensors of the file that it has no use for.
        var unused: [String]
    }

    init(_ source: ModelImport.Source, host: PluginHost) {
        self.source = source
        self.host = host
    }

    func run(destination: String) throws -> ModelDocument {
        let files = try TensorFiles(source.file)
        let modality = source.modality ?? files.metadata["distilld.modality"] ?? "rgb"
        let plugin = try host.plugin(modality: modality)
        try refuseReading()
        let fit = try fit(files, plugin)
        let own = files.metadata["distilld.architecture"] != nil
        guard fit.unused.isEmpty else {
            let shown = fit.unused.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
            let more = fit.unused.count > 8 ? " and \(fit.unused.count - 8) more" : ""
            throw DistillationError(
                "import.unused_tensors",
                "\(source.originalName) fits \(fit.architecture.id) but for \(fit.unused.count) tensors that it has "
                    + "no use for: \(shown)\(more)",
                hint:
                    "a network with further parts is another network: export it as ONNX; or --ignore 'PATTERN' for "
                    + "tensors that do not belong to it")
        }
        var weights: [String: Tensor<Float>] = [:]
        for (name, found) in fit.tensors {
            let tensor = try files.floats(found)
            try DamagedTensor.refuse(tensor, found, of: source.originalName)
            weights[name] = tensor
        }
        var notes: [String] = []
        let renamed = fit.tensors.first { $0.key != $0.value }
        if let renamed {
            notes.append(
                "names without their prefix: `\(renamed.value)` is read as `\(renamed.key)`")
        }
        let preprocessing = try preprocessing(modality, isOwn: own, fit.architecture, &notes)
        let path = try place(weights, files, isRenamed: renamed != nil, in: destination)
        var document = ModelDocument(
            name: source.name, kind: .network, modality: modality, network: fit.descriptor,
            preprocessing: preprocessing, inputSize: fit.descriptor.input.size,
            classes: fit.descriptor.classes,
            featureChannels: fit.architecture.featureChannels,
            parameters: fit.graph.parameterCount, multiplyAdds: fit.graph.multiplyAdds,
            weights: "weights.safetensors", digest: try FileDigest.sha256(of: path))
        document.notes = notes
        return document
    }

    /// What can be said of graphs only.
    private func refuseReading() throws {
        let said: [(String, Bool)] = [
            ("--output", source.reading.output != nil),
            ("--features", source.reading.features != nil),
            ("--task", source.reading.task != nil && source.reading.task != .classifier),
        ]
        guard let wrong = said.first(where: \.1) else { return }
        throw DistillationError(
            "import.option",
            "\(wrong.0) is of ONNX graphs, and \(source.originalName) holds weights",
            hint: "a known architecture has its outputs already: leave it out")
    }

    // MARK: Architecture

    private func fit(_ files: TensorFiles, _ plugin: ModalityPlugin) throws -> Fit {
        let ignored = source.ignored
        func isIgnored(_ name: String) -> Bool {
            name.hasSuffix(Self.counter) || ignored.contains { fnmatch($0, name, 0) == 0 }
        }
        let names = files.names.filter { !isIgnored($0) }
        for pattern in ignored where !files.names.contains(where: { fnmatch(pattern, $0, 0) == 0 })
        {
            throw DistillationError(
                "import.option",
                "--ignore '\(pattern)' matches no tensor of \(source.originalName)",
                hint: "its tensors are called like `\(files.names.first ?? "")`")
        }
        var closest = (architecture: "", missing: Int.max, example: "")
        var fits: [Fit] = []
        let plain = try Self.renamed(names) { $0 }
        let stripped = try Self.renamed(names, Self.stripped)
        for tensors in [plain, stripped].compactMap({ $0 }) {
            for architecture in candidates(files.metadata) {
                let found = try self.fit(architecture, tensors, files, plugin)
                if let fit = found.fit { fits.append(fit) }
                if found.missing < closest.missing {
                    closest = (architecture.id, found.missing, found.example)
                }
            }
            if !fits.isEmpty { break }
        }
        if let best = fits.min(by: { $0.unused.count < $1.unused.count }) { return best }
        throw DistillationError(
            "import.unknown_architecture",
            "the tensors of \(source.originalName) fit no known architecture; the closest is "
                + "\(closest.architecture), of which \(closest.missing) tensors are missing or differ, "
                + "such as `\(closest.example)`",
            hint: "known are "
                + ArchitectureRegistry.all.map(\.id).joined(separator: ", ")
                + "; or export the model as ONNX")
    }

    /// Those that may fit: an export of ours says which it is.
    private func candidates(_ metadata: [String: String]) -> [any Architecture] {
        let named = ArchitectureRegistry.all.filter { $0.id == metadata["distilld.architecture"] }
        return named.isEmpty ? ArchitectureRegistry.all : named
    }

    /// Names of an architecture for those of the file; nil where two become one.
    private static func renamed(
        _ names: [String], _ rename: (String) -> String
    ) throws -> [String: String]? {
        var result: [String: String] = [:]
        for name in names where result.updateValue(name, forKey: rename(name)) != nil { return nil }
        return result
    }

    private static func stripped(_ name: String) -> String {
        var name = Substring(name)
        while let prefix = prefixes.first(where: { name.hasPrefix($0) }) {
            name = name.dropFirst(prefix.count)
        }
        return String(name)
    }

    private func fit(
        _ architecture: any Architecture, _ tensors: [String: String], _ files: TensorFiles,
        _ plugin: ModalityPlugin
    ) throws -> (fit: Fit?, missing: Int, example: String) {
        let metadata = files.metadata
        let preset = source.preprocessing ?? architecture.preprocessing
        let encoding = try plugin.encoding(
            named: metadata["distilld.encoding"]
                ?? (plugin.modality == "rgb" ? preset.encodingName : ""))
        if let shape = source.inputShape?.suffix(2), shape.first != shape.last {
            throw DistillationError(
                "import.input_shape", "networks of known architectures take squares",
                hint: "give --input-shape one side, such as 224")
        }
        let size =
            source.inputShape?.last ?? Int(metadata["distilld.size"] ?? "")
            ?? (preset.size > 0 ? preset.size : 224)
        let head = try tensors[architecture.headWeight].map { try files.shape($0)[0] }
        let known = metadata["distilld.classes"].map {
            $0.split(separator: "\n").map(String.init)
        }
        let count = head ?? 0
        var described = NetworkDescriptor.Encoding(encoding, of: plugin)
        let focal = (metadata["distilld.encoding.focal"] ?? "").split(separator: " ")
            .compactMap { Double($0) }
        if focal.count == 2 { described.focal = .init(x: focal[0], y: focal[1]) }
        func descriptor(_ classes: [String]) throws -> NetworkDescriptor {
            try NetworkDescriptor(
                architecture: architecture.id, modality: plugin.modality, encoding: described,
                input: .init(channels: encoding.channels, size: size), classes: classes)
        }
        var graph = Graph()
        let input = try graph.input("encoded", [1, encoding.channels, size, size])
        let trial = try descriptor((0..<count).map(String.init))
        _ = try trial.build(into: &graph, encoded: input, training: false)
        let wrong = try graph.states.map(\.declaration).filter { state in
            try tensors[state.name].map { try files.shape($0) != state.shape } ?? true
        }
        guard wrong.isEmpty else { return (nil, wrong.count, wrong[0].name) }
        let classes =
            source.classes == nil && known?.count == count
            ? known ?? [] : try ModelImport.classes(source, count: count)
        let used = Set(graph.states.map(\.declaration.name))
        return (
            Fit(
                architecture: architecture, descriptor: try descriptor(classes), graph: graph,
                tensors: tensors.filter { used.contains($0.key) },
                unused: tensors.filter { !used.contains($0.key) }.map(\.value).sorted()), 0, ""
        )
    }

    // MARK: Result

    private func preprocessing(
        _ modality: String, isOwn: Bool, _ architecture: any Architecture, _ notes: inout [String]
    ) throws -> Preprocessing? {
        guard try source.takesPreprocessing(modality, isOwn: isOwn) else { return nil }
        if let given = source.preprocessing { return given }
        // The network is known: a name can only tell apart who trained it, and that matters for transformers alone.
        if !(architecture is VisionTransformer)
            || KnownPreprocessing.named(source.originalName) == nil
        {
            let own = architecture.preprocessing
            notes.append(
                "preprocessing assumed: that of \(architecture.id) (\(own.valueWords)); --preprocess says it otherwise"
            )
            return own
        }
        let assumed = try AssumedPreprocessing(source)
        notes += [assumed.note].compactMap { $0 }
        return assumed.preprocessing
    }

    /// The file as it is where its names are the architecture's own.
    private func place(
        _ weights: [String: Tensor<Float>], _ files: TensorFiles, isRenamed: Bool,
        in destination: String
    ) throws -> String {
        let name = "weights.safetensors"
        let isWhole = try TensorFiles.shards(of: source.file).isEmpty
        guard isRenamed || !isWhole || files.names.count != weights.count else {
            return try ModelImport.place(source.file, in: destination, as: name)
        }
        let path = destination + "/" + name
        do {
            try FileManager.default.createDirectory(
                atPath: destination, withIntermediateDirectories: true)
            try SafeTensorsWriter.write(
                weights, metadata: files.metadata, to: URL(fileURLWithPath: path))
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
        return path
    }
}

extension Preprocessing {
    /// The plugin's encoding that is nearest to it, for networks of ours.
    var encodingName: String { hasValues(of: .imageNet) ? "imagenet" : "unit" }

    /// Whether that encoding means the same.
    var isEncoding: Bool { hasValues(of: .imageNet) || hasValues(of: .unit) }
}
