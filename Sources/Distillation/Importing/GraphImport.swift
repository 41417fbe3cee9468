import Foundation
import Graphs
import Interchange
import Modalities
import Networks
import Tensors

/// Makes a model of an ONNX graph.
struct GraphImport {
    private let source: ModelImport.Source
    private let host: PluginHost

    init(_ source: ModelImport.Source, host: PluginHost) {
        self.source = source
        self.host = host
    }

    func run(destination: String) throws -> ModelDocument {
        let url = URL(fileURLWithPath: source.file)
        guard source.ignored.isEmpty else {
            throw DistillationError(
                "import.option",
                "--ignore is of safetensors, and \(source.originalName) is a graph",
                hint: "leave it out")
        }
        let probe = try ONNXProbe(url)
        let own = probe.metadata["distilld.modality"]
        let modality = source.modality ?? own ?? "rgb"
        let plugin = try host.plugin(modality: modality)
        guard probe.inputs.count == 1, let input = probe.inputs.first else {
            let found = probe.inputs.map(\.words).joined(separator: ", ")
            throw refusal("has the inputs \(found)", plugin)
        }
        guard input.declared == nil || input.declared?.count == 4 else {
            throw refusal("has the input \(input.words)", plugin)
        }
        var notes: [String] = []
        let preprocessing = try preprocessing(modality, input, isOwn: own != nil, &notes)
        let (layout, channels) = try layout(
            input, plugin, size: preprocessing?.size ?? 0, &notes)
        guard channels == plugin.channels else {
            throw refusal("has the input \(input.words)", plugin)
        }
        let shape = layout.shape(channels: channels)
        var reading = source.reading
        let ownClasses = probe.metadata["distilld.classes"]
            .map { $0.split(separator: "\n").map(String.init) }
        if own != nil, source.classes == nil { reading.namedClasses = ownClasses?.count }
        let imported = try ONNXImporter(
            ImportOptions(shapes: [input.name: shape], reading: reading)
        ).model(at: url)
        try refuseDamaged(imported)
        guard let features = imported.features else {
            throw DistillationError(
                "import.no_features",
                "\(source.originalName) has no feature map [batch, channels, height, width] that a "
                    + "student could follow",
                hint: "--features NODE names one")
        }
        notes += imported.notes
        let count = imported.logits.map { imported.graph.shape(of: $0).dimensions[1] } ?? 0
        let classes =
            own != nil && source.classes == nil && ownClasses?.count == count
            ? ownClasses ?? [] : try ModelImport.classes(source, count: count)
        let (weights, digest) = try place(url, probe, in: destination)
        var document = ModelDocument(
            name: source.name, kind: .onnx, modality: modality, network: nil,
            preprocessing: preprocessing, inputSize: layout.side, classes: classes,
            featureChannels: imported.graph.shape(of: features)[1],
            parameters: imported.parameterCount, multiplyAdds: imported.graph.multiplyAdds,
            weights: weights, digest: digest)
        document.inputName = input.name
        document.featureNode = imported.graph.handiestName(of: features)
        document.layout = layout.isUsual ? nil : layout
        document.reading = imported.reading
        document.notes = notes
        return document
    }

    /// Puts the graph into the model's folder: as one file if that can hold it, else with the files that it names.
    ///
    /// - Returns: the graph's file and the digest of all of it.
    private func place(
        _ url: URL, _ probe: ONNXProbe, in destination: String
    ) throws -> (weights: String, digest: String) {
        let whole = "model.onnx"
        guard !probe.externalFiles.isEmpty else {
            let path = try ModelImport.place(source.file, in: destination, as: whole)
            return (whole, try FileDigest.sha256(of: path))
        }
        let path = destination + "/" + whole
        do {
            try FileManager.default.createDirectory(
                atPath: destination, withIntermediateDirectories: true)
        } catch {
            throw FileFailure.classify(error, path: destination, doing: "creating")
        }
        if try SelfContainedModel.write(url, to: URL(fileURLWithPath: path)) {
            return (whole, try FileDigest.sha256(of: path))
        }
        // Another name: it is no model without the others.
        let part = "graph.onnx"
        var digests = [
            try FileDigest.sha256(of: ModelImport.place(source.file, in: destination, as: part))
        ]
        for file in probe.externalFiles {
            let beside = url.deletingLastPathComponent().appendingPathComponent(file).path
            digests.append(
                try FileDigest.sha256(of: ModelImport.place(beside, in: destination, as: file)))
        }
        return (part, FileDigest.sha256(text: digests.joined(separator: " ")))
    }

    // MARK: Input

    private func refusal(_ found: String, _ plugin: ModalityPlugin) -> DistillationError {
        DistillationError(
            "import.not_an_image_model",
            "\(source.originalName) \(found); expected one of [batch, \(plugin.channels), height, width] or "
                + "[batch, height, width, \(plugin.channels)]",
            hint: "export the image encoder alone")
    }

    private func preprocessing(
        _ modality: String, _ input: ImageInput, isOwn: Bool, _ notes: inout [String]
    ) throws -> Preprocessing? {
        guard try source.takesPreprocessing(modality, isOwn: isOwn) else { return nil }
        let assumed = try AssumedPreprocessing(
            source, takesIntegers: !input.element.isFloatingPoint)
        notes += [assumed.note].compactMap { $0 }
        return assumed.preprocessing
    }

    /// Height, width and order of the input: as the file fixes them, as a person said, as the preprocessing says.
    private func layout(
        _ input: ImageInput, _ plugin: ModalityPlugin, size: Int, _ notes: inout [String]
    ) throws -> (InputLayout, channels: Int) {
        let fixed = input.fixed
        var given: (channels: Int?, height: Int?, width: Int?) = (nil, nil, nil)
        if let shape = source.inputShape {
            given = (
                shape.count == 3 ? shape[0] : nil, shape[shape.count - 2], shape[shape.count - 1]
            )
        }
        for (name, file, person) in [
            ("channels", fixed.channels, given.channels), ("height", fixed.height, given.height),
            ("width", fixed.width, given.width),
        ] {
            guard let file, let person, file != person else { continue }
            throw DistillationError(
                "import.input_shape",
                "--input-shape says \(person) for the \(name), \(source.originalName) has \(input.words)",
                hint: "leave it out: the file fixes it")
        }
        let usual = size > 0 ? size : 224
        let height = fixed.height ?? given.height ?? fixed.width ?? usual
        let width = fixed.width ?? given.width ?? fixed.height ?? usual
        if fixed.height == nil || fixed.width == nil, given.height == nil {
            notes.append(
                "\(input.words) leaves its size open: \(height)x\(width)"
                    + (size > 0 ? " as the preprocessing says" : " assumed")
                    + "; --input-shape HxW says it otherwise")
        }
        if size > 0, source.preprocessing != nil, fixed.height != nil, max(height, width) != size {
            notes.append(
                "size = \(size) of the preprocessing is not used: the file fixes \(height)x\(width)"
            )
        }
        if input.channelsLast {
            notes.append("\(input.words) takes channels last: pictures are transposed")
        }
        if height != width {
            notes.append(
                "the input is \(height)x\(width): square views of \(max(height, width)) px are squeezed to that"
            )
        }
        let layout = InputLayout(height: height, width: width, channelsLast: input.channelsLast)
        return (layout, fixed.channels ?? given.channels ?? plugin.channels)
    }

    // MARK: Weights

    /// Refuses tensors with values that are no numbers.
    private func refuseDamaged(_ imported: ImportedModel) throws {
        let masks = imported.graph.maskStates
        for (name, tensor) in imported.states.sorted(by: { $0.key < $1.key }) {
            try DamagedTensor.refuse(
                tensor, name, of: source.originalName, allowsInfinity: masks.contains(name))
        }
    }
}

extension Graph {
    /// The name by which a person finds a value: that of the file's node where it has one.
    fileprivate func handiestName(of value: Value) -> String {
        let own = labels.filter { $0.value == value && !$0.key.hasPrefix("layer") }.map(\.key)
        let named = own.filter { !["features", "pooled", "logits"].contains($0) }
        return named.min { ($0.count, $0) < ($1.count, $1) } ?? node(of: value).name
    }

    /// States that only limits and sums read, where an infinity may stand for what is left out.
    fileprivate var maskStates: Set<String> {
        var names: Set<String> = []
        for (declaration, value) in states {
            let users = nodes.filter { $0.inputs.contains(value) }
            let isMask = users.allSatisfy { user in
                switch user.operation {
                case is Select, is Clip: true
                case let binary as Binary: [.add, .minimum, .maximum].contains(binary.function)
                default: false
                }
            }
            // A bias is no mask: it belongs to one value of each sample and not to pairs of places.
            if isMask, declaration.shape.rank != 1 {
                names.insert(declaration.name)
            }
        }
        return names
    }
}

/// A tensor with values that are no numbers.
enum DamagedTensor {
    /// - Throws: `DistillationError` `import.not_finite` with the tensor's name.
    static func refuse(
        _ tensor: Tensor<Float>, _ name: String, of file: String, allowsInfinity: Bool = false
    ) throws {
        var (nans, infinities) = (0, 0)
        for value in tensor.values where !value.isFinite {
            if value.isNaN { nans += 1 } else { infinities += 1 }
        }
        guard nans > 0 || infinities > 0 && !allowsInfinity else { return }
        let found = [(nans, "NaN"), (infinities, "infinite")].filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)" }.joined(separator: " and ")
        throw DistillationError(
            "import.not_finite",
            "the tensor `\(name)` of \(file) holds \(found) of \(tensor.count) values",
            hint:
                "the training that made it diverged, or the file is damaged: take an earlier checkpoint"
        )
    }
}
