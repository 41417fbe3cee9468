import Foundation
import Graphs
package import Interchange
package import Modalities
package import Networks
import Tensors

/// Makes a model folder of a file that somebody else wrote.
///
/// ONNX graphs are kept as they are, with their preprocessing in front. Safetensors are matched to the
/// architecture whose state names and shapes they carry, as torchvision names them. What the file does not say and
/// nobody said is either recognised, and noted, or asked for: nothing is guessed in silence.
package struct ModelImport {
    package struct Source: Sendable {
        package var file: String
        package var originalName: String
        package var name: String
        /// nil: that of the file, where it is an export of ours, else `rgb`.
        package var modality: String?
        /// nil: assumed, and noted.
        package var preprocessing: Preprocessing?
        /// nil: the classes are numbered.
        package var classes: [String]?
        /// What a person said of the network's answers.
        package var reading: ModelReading
        /// Channels, height and width, or the last two, where the file leaves them open.
        package var inputShape: [Int]?
        /// Shell patterns of tensors that no architecture needs and nobody misses.
        package var ignored: [String]

        package init(
            file: String, originalName: String, name: String, modality: String? = nil,
            preprocessing: Preprocessing?, classes: [String]?, reading: ModelReading = .init(),
            inputShape: [Int]? = nil, ignored: [String] = []
        ) {
            self.file = file
            self.originalName = originalName
            self.name = name
            self.modality = modality
            self.preprocessing = preprocessing
            self.classes = classes
            self.reading = reading
            self.reading.namedClasses = classes?.count
            self.inputShape = inputShape
            self.ignored = ignored
        }

        /// Whether preprocessing goes before the model: not before an export of ours, which encodes by itself, and not
        /// before what sees no colours.
        ///
        /// - Throws: `import.preprocessing` where it is said and does not. Of colours 0 to 1 may be said: an export of
        ///   ours takes these.
        func takesPreprocessing(_ modality: String, isOwn: Bool) throws -> Bool {
            guard modality != "rgb" || isOwn else { return true }
            if let preprocessing, !(modality == "rgb" && preprocessing.hasValues(of: .unit)) {
                throw DistillationError(
                    "import.preprocessing",
                    isOwn
                        ? "\(originalName) is an export of distilld, which takes physical values by itself"
                        : "preprocessing is of colours, and the model looks at \(modality)",
                    hint: "leave --preprocess out")
            }
            return false
        }
    }

    let host: PluginHost

    package init(host: PluginHost) {
        self.host = host
    }

    /// - Parameter destination: a folder that does not exist yet.
    /// - Throws: `InterchangeError` for a file that is malformed or has operators we lack,
    ///   `DistillationError` for one that is no image model.
    package func run(_ source: Source, destination: String) throws -> ModelDocument {
        if let foreign = try ForeignFormat(at: source.file, name: source.originalName) {
            throw DistillationError(
                "import.foreign_format", "\(source.originalName) is \(foreign.what)",
                hint: foreign.conversion)
        }
        let document =
            try TensorFiles.areThere(source.file, name: source.originalName)
            ? WeightsImport(source, host: host).run(destination: destination)
            : GraphImport(source, host: host).run(destination: destination)
        try document.write(folder: destination)
        // The model must be buildable before anybody relies on it.
        let model = try LoadedModel(folder: destination, host: host)
        try ModelLayers(of: model).write(folder: destination)
        if document.kind == .network {
            try StudentExport.onnx(model, to: destination + "/student.onnx")
        }
        try ImportTrial(source, model).run()
        return document
    }

    /// Files that a model's file names and that do not lie beside it.
    package static func missingFiles(of source: Source) throws -> [String] {
        guard try ForeignFormat(at: source.file, name: source.originalName) == nil else {
            return []
        }
        let isWeights = TensorFiles.areThere(source.file, name: source.originalName)
        let named =
            isWeights
            ? try TensorFiles.shards(of: source.file)
            : try ONNXProbe(URL(fileURLWithPath: source.file)).externalFiles
        let folder = URL(fileURLWithPath: source.file).deletingLastPathComponent()
        if let outside = named.first(where: {
            $0.hasPrefix("/") || $0.split(separator: "/").contains("..") || $0.isEmpty
        }) {
            throw DistillationError(
                "import.external_data",
                "\(source.originalName) keeps weights in `\(outside)`, which lies outside of its folder",
                hint: "save the model again with its weights beside it: onnx.save(model, path, "
                    + "save_as_external_data=True, location=\"weights.bin\")")
        }
        return named.filter {
            !FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path)
        }
    }

    /// Names for so many classes.
    ///
    /// - Throws: `DistillationError` `import.classes` where the names are fewer or more.
    static func classes(_ source: Source, count: Int) throws -> [String] {
        guard let classes = source.classes else { return (0..<count).map(String.init) }
        guard classes.count == count else {
            let remedy =
                abs(classes.count - count) == 1
                ? "one of both counts the background: ImageNet has 1000 classes, with background 1001"
                : "give one name for each value of the output"
            throw DistillationError(
                "import.classes",
                "--classes names \(classes.count) classes, \(source.originalName) has \(count) scores",
                hint: remedy)
        }
        return classes
    }

    static func place(_ file: String, in destination: String, as name: String) throws -> String {
        let path = destination + "/" + name
        do {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: file, toPath: path)
        } catch {
            throw FileFailure.classify(error, path: path, doing: "writing")
        }
        return path
    }
}
