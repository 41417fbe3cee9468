import Configuration
import ControlProtocol
import Distillation
import Foundation
import Interchange
import Modalities
import Networks

/// Turns an uploaded file into a model folder: an ONNX graph, or safetensors of a known architecture.
struct ImportRole {
    let assignment: ImportAssignment
    let channel: WorkerChannel

    init(_ assignment: ImportAssignment, _ channel: WorkerChannel) {
        self.assignment = assignment
        self.channel = channel
    }

    func run() throws -> WorkerReport {
        let host = PluginHost(folders: assignment.surroundings.pluginFolders)
        let source = ModelImport.Source(
            file: assignment.file, originalName: assignment.originalName, name: assignment.name,
            modality: assignment.modality,
            preprocessing: try assignment.preprocess.map {
                Preprocessing(try PreprocessingSettings(presetOrTOML: $0, file: "--preprocess"))
            },
            classes: try assignment.classes.map(ClassNames.parse),
            reading: ModelReading(
                output: assignment.words.output, task: try task(),
                features: assignment.words.features),
            inputShape: try inputShape(), ignored: assignment.words.ignored)
        let document: ModelDocument
        do {
            let missing = try ModelImport.missingFiles(of: source)
            guard missing.isEmpty else {
                return .finished(.object(["missing": .array(missing.map { .string($0) })]))
            }
            document = try ModelImport(host: host).run(source, destination: assignment.destination)
        } catch var error as InterchangeError {
            // The upload has a name of the daemon's; people know the file by their own.
            error.file = assignment.originalName
            throw error
        }
        return .finished(
            .object([
                "model": try JSONValue(
                    encoding: document.summary(folder: assignment.destination))
            ]))
    }

    private func task() throws -> ModelTask? {
        guard let word = assignment.words.task else { return nil }
        guard let task = ModelTask(rawValue: word) else {
            throw DistillationError(
                "import.task", "--task \(word): expected \(ModelTask.words)")
        }
        return task
    }

    /// `224`, `224x224` or `3x224x224`.
    private func inputShape() throws -> [Int]? {
        guard let text = assignment.words.inputShape else { return nil }
        let extents = text.lowercased().split { ["x", ",", "*"].contains($0) }
            .map { Int($0.trimmingCharacters(in: .whitespaces)) ?? 0 }
        let most = 4096
        guard (1...3).contains(extents.count), extents.allSatisfy({ (1...most).contains($0) })
        else {
            throw DistillationError(
                "import.input_shape",
                "--input-shape \(text): expected HEIGHTxWIDTH or CHANNELSxHEIGHTxWIDTH, each at most \(most)",
                hint: "for instance 224x224")
        }
        return extents.count == 1 ? [extents[0], extents[0]] : extents
    }
}

extension Preprocessing {
    /// The settings that a person wrote, as the network's prefix takes them.
    init(_ settings: PreprocessingSettings) {
        self.init(
            channels: settings.channels == .bgr ? .bgr : .rgb, scale: settings.scale,
            mean: settings.mean, deviation: settings.std, size: settings.size,
            resize: Interpolation(rawValue: settings.resize.rawValue) ?? .bilinear,
            crop: settings.crop)
    }
}
