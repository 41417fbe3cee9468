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
        let settings = try PreprocessingSettings(
            presetOrTOML: assignment.preprocess ?? "imagenet", file: "--preprocess")
        let source = ModelImport.Source(
            file: assignment.file, originalName: assignment.originalName, name: assignment.name,
            modality: assignment.modality, preprocessing: Preprocessing(settings),
            classes: try classes())
        let document: ModelDocument
        do {
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

    private func classes() throws -> [String]? {
        guard let text = assignment.classes else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count >= 2, Set(lines).count == lines.count else {
            throw DistillationError(
                "import.classes",
                "--classes has \(lines.count) lines, \(Set(lines).count) of them distinct; expected "
                    + "one distinct class name a line, in the order of the logits")
        }
        return lines
    }
}

extension Preprocessing {
    /// The settings that a person wrote, as the network's prefix takes them.
    init(_ settings: PreprocessingSettings) {
        self.init(
            channels: settings.channels == .bgr ? .bgr : .rgb, scale: settings.scale,
            mean: settings.mean, deviation: settings.std, size: settings.size,
            resize: settings.resize == .nearest ? .nearest : .bilinear)
    }
}
